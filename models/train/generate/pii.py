"""Writes training rows for the entity tagger: prompts of many families with the exact spans of what is personal.

Spans are code points. Values of the dev split come from the far end of every long list, and whole families are dev only.
Usage: python -m generate.pii OUT.jsonl.gz [ROWS] [SEED]
"""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path
from typing import Callable, NamedTuple

from augment import NEIGHBOURS
from generate.grammar import Grammar, Row, print_counts, tidy, write_rows
from generate.pii_templates import NEGATIVES, TEMPLATES
from generate.pii_values import CLOSE, OPEN, VALUES, unmark
from generate.safety_texts import ALL_LINES

DEV_FAMILIES = {"school", "banking", "log"}
NEGATIVE_SHARE = 0.14
ROUNDS = 8  # tries for each wanted row before a family counts as exhausted

LABELS: dict[str, list[str]] = {
    "PERSON": ["Name", "Full name", "name", "customer", "contact", "client", "Contact person", "Nome", "Nombre", "Nom", "Naam", "user", "owner", "assigned_to", "Patient", "Employee", "applicant", "Teilnehmer", "author", "cardholder", "Reported by", "Sales rep", "Account manager", "fullName", "display_name"],
    "ADDRESS": ["Address", "address", "Home address", "Adresse", "Dirección", "Indirizzo", "Adres", "Endereço", "Anschrift", "Location of delivery", "shipping_address", "Billing address", "Mailing address", "residence", "addr", "Deliver to", "Site"],
    "STREET": ["Street", "street", "Address line 1", "street_address", "Straße", "Rue", "Calle", "Via", "line1"],
    "CITY": ["City", "city", "Town", "Ort", "Ville", "Ciudad", "Città", "place", "Place of birth", "birthplace", "Hometown", "Office"],
    "COUNTRY": ["Country", "country", "Nationality country", "Land", "País", "Pays"],
    "ORG": ["Company", "company", "Employer", "organisation", "Organization", "Firma", "Empresa", "Société", "vendor", "supplier", "employer", "account", "School", "Bank", "Hospital", "client_company", "Account name"],
    "ZIP": ["ZIP", "Postcode", "postal_code", "PLZ", "CP"], "EMAIL": ["Email", "e-mail", "mail"], "PHONE": ["Phone", "Tel", "mobile", "Telefon"], "DOB": ["DOB", "Date of birth", "born", "birthdate"], "AGE": ["Age", "age"],
}
PLAIN: dict[str, list[str]] = {
    "status": ["active", "Open", "Pending", "closed", "New", "VIP"], "priority": ["High", "low", "Medium"], "product": ["Widget Pro", "Basic Plan", "Green Tea", "Office Chair", "Sunrise Alarm"], "type": ["Invoice", "Lead", "Refund", "Complaint"],
    "notes": ["call back in May", "Prefers email", "paid on Friday", "none", "Likes Earl Grey"], "id": ["4411", "A-77", "90210"], "language": ["German", "EN", "French"], "role": ["Admin", "Manager", "Guest"], "created": ["Monday", "March", "2024"],
}
COMMON_FIELDS = ["PERSON", "PERSON", "PERSON", "ADDRESS", "ADDRESS", "STREET", "CITY", "COUNTRY", "ORG", "ORG", "ZIP", "EMAIL", "PHONE", "DOB", "AGE"]


class Family(NamedTuple):
    """A way to make marked texts; returns (template, marked text)."""

    name: str
    make: Callable[[Grammar], tuple[str, str]]
    weight: float


def fields(g: Grammar, low: int, high: int) -> list[tuple[str, str]]:
    """Label and marked value of some fields, with fields that hold nothing personal between them."""
    kinds = g.rng.sample(COMMON_FIELDS, g.rng.randint(low, high))
    out = [(g.rng.choice(LABELS[kind]), g.slot("FULL" if kind == "PERSON" and g.rng.random() < 0.6 else kind)) for kind in kinds]
    for _ in range(g.rng.randint(0, 3)):
        key = g.rng.choice(sorted(PLAIN))
        out.insert(g.rng.randint(0, len(out)), (key, g.rng.choice(PLAIN[key])))
    return [(label, value.removeprefix("the ")) for label, value in out]


ASKS = [
    "", "", "", "Summarise this record.\n", "Clean up this entry:\n", "Convert to JSON:\n", "Is this record complete?\n", "Write a welcome mail for this customer.\n", "Check for mistakes:\n", "What is missing here?\n", "Merge these duplicates:\n", "Translate the labels:\n",
    "Here is the form:\n", "Parse this:\n", "Explain what this file does:\n", "Which customer is it?\n",
]


def crm(g: Grammar) -> tuple[str, str]:
    """key: value lines of a record or a form."""
    glue, line = g.rng.choice([(": ", "\n"), (": ", "\n"), (" = ", "\n"), (": ", "; "), (": ", " | "), (" - ", "\n"), (":", "\n"), (": ", ", "), ("\t", "\n"), (" → ", "\n"), ("=", "&")])
    bullet = g.rng.choice(["", "", "", "- ", "* ", "• "]) if line == "\n" else ""
    return "key-value", g.rng.choice(ASKS) + line.join(f"{bullet}{label}{glue}{value}" for label, value in fields(g, 2, 7))


def form(g: Grammar) -> tuple[str, str]:
    """Label on one line, value on the next, or a markdown table."""
    pairs = fields(g, 2, 6)
    if g.rng.random() < 0.5:
        return "form-lines", g.rng.choice(ASKS) + "\n".join(f"{label}\n{value}" for label, value in pairs)
    head, rule, body = " | ".join(p[0] for p in pairs), " | ".join("---" for _ in pairs), " | ".join(p[1] for p in pairs)
    return "form-table", g.rng.choice(ASKS) + f"| {head} |\n| {rule} |\n| {body} |"


def json_text(g: Grammar) -> tuple[str, str]:
    """JSON, YAML or XML with literals."""
    pairs = [(re.sub(r"\W+", "_", label.lower()), value) for label, value in fields(g, 2, 6)]
    way = g.rng.randrange(4)
    if way == 0:
        return "json", g.rng.choice(ASKS) + "{" + ", ".join(f'"{label}": "{value}"' for label, value in pairs) + "}"
    if way == 1:
        return "json-pretty", g.rng.choice(ASKS) + "{\n" + ",\n".join(f'  "{label}": "{value}"' for label, value in pairs) + "\n}"
    if way == 2:
        return "yaml", g.rng.choice(ASKS) + "person:\n" + "\n".join(f"  {label}: {value}" for label, value in pairs)
    return "xml", g.rng.choice(ASKS) + "<record>" + "".join(f"<{label}>{value}</{label}>" for label, value in pairs) + "</record>"


def csv(g: Grammar) -> tuple[str, str]:
    """A small table with a header; addresses are quoted where the comma separates."""
    kinds = g.rng.sample(["FULL", "CITY", "ORG", "ADDRESS", "EMAIL", "AGE", "GIVEN", "FAMILY"], g.rng.randint(2, 4))
    names = {"FULL": "PERSON", "GIVEN": "PERSON", "FAMILY": "PERSON"}
    glue = g.rng.choice([",", ",", ";", "\t", " | "])
    head = glue.join(["id", *(("first_name" if kind == "GIVEN" else "last_name" if kind == "FAMILY" else g.rng.choice(LABELS[names.get(kind, kind)])) for kind in kinds)])
    rows = [glue.join([str(g.rng.randint(1, 9999)), *((f'"{value}"' if glue.strip() and glue in value else value) for value in (g.slot(kind) for kind in kinds))]) for _ in range(g.rng.randint(1, 5))]
    return "csv", g.rng.choice(ASKS) + "\n".join([head, *rows] if g.rng.random() < 0.8 else rows)


LOG_FORMS = [
    "2024-05-1{k} 08:{n}:11 INFO user [{FULL}|{QUIET}] logged in from {IP}", "~(audit~) {REVERSED} changed address to \"{ADDRESS}\"", "level=info msg=\"[invoice sent|order shipped]\" customer=\"{FULL}\" city={CITY}", "WARN [MailService|Worker-3] bounce for {EMAIL} ({FULL}, {ORG})",
    "[10:{n}|~(main~)] [Ticket|Order] {nnn} assigned to {FULL} by {FULL}", "{n} May 12:0{k} sshd: session opened for {IP}; [operator|owner] {FULL}", "ERROR [Geocoder|AddressParser]: cannot resolve '{ADDRESS}'", "GET /search?q={CITY} 200 user=\"{FULL}\"", "event=checkin guest=\"{FULL}\" hotel=\"{ORG}\" location={CITY}", "DEBUG [Cache|Scheduler] [miss|hit] key={nnn} [Monday|May]",
]
CODE_FORMS = [
    "name = \"{FULL}\"\naddress = \"{ADDRESS}\"\nprint(f\"Hello ~<name~>\")", "INSERT INTO [customers|employees] (name, street, city) VALUES ('{FULL}', '{STREET}', '{CITY}');", "const user = ~< name: '{FULL}', company: '{ORG}', city: '{CITY}' ~>;", "customers.push(new Customer(\"{FULL}\", \"{ADDRESS}\"));", "# author: {FULL} <{EMAIL}>\ndef main():\n    pass",
    "assert parse_address(\"{ADDRESS}\").city == \"{CITY}\"", "users = ~(\"{FULL}\", \"{FULL}\", \"{FULL}\"~)", "UPDATE orders SET recipient = '{FULL}' WHERE company = '{ORG}';", "/**\n * @author {FULL}\n * Copyright (c) 2024 {ORG}\n */", "git commit -m \"[fix typo|update docs]\" --author=\"{FULL} <{EMAIL}>\"", "curl -d 'name={FULL}&company={ORG}' {URL}",
    "mail.to(\"{FULL} <{EMAIL}>\").subject(\"Your visit to {CITY}\")", "test('[greets|finds] user', () => expect(greet('{GIVEN}')).toBe('Hello {GIVEN}'));", "ENV_OWNER=\"{FULL}\"\nENV_OFFICE=\"{STREET}\"", "person = Person(first=\"{GIVEN}\", last=\"{FAMILY}\", employer=\"{ORG}\")",
]
MAIL_FORMS = [
    "From: {FULL} <{EMAIL}>\nTo: {FULL} <{EMAIL}>\nSubject: [Meeting in {CITY}|Invoice {nnn}|Visit|Hello]\n\nHi {GIVEN},\n[the papers are ready|see you at {ADDRESS}|{PERSON} from {ORG} will join us|please call me].\n\n[Best|Cheers|Regards],\n{GIVEN}",
    "--\n{FULL}\n{job} | {ORG}\n{ADDRESS}\nT {PHONE} | {EMAIL}", "{FULL}\n{ORG}\n{STREET}\n{ZIP} {CITY}\n{PHONE}", "On {DATE}, {FULL} <{EMAIL}> wrote:\n> [Can we move the call?|{GIVEN} is in {LOC}.|The address is {ADDRESS}.]\n[Sure|No problem|OK], {GIVEN}", "{FULL}, {job}\n{ORG} · {ADDRESS} · {URL}",
    "Cc: {FULL}; {FULL}; {REVERSED}\nSubject: [Kick-off|Minutes|Offer for {ORG}]\n\nDear [all|colleagues], [attached are|here are] the [notes|slides].\n{FULL}", "[Sent by|Forwarded by] {FULL} on behalf of {ORG}", "Hi {GIVEN}, {GIVEN} here. [My new office|The party|The flat] is at {ADDRESS}. [Bring {GIVEN}!|See you.|]", "[Dear|Hello|Hi|Hey|Good morning] {GIVEN},\n\n[I hope all is well in {CITY}|Thanks for visiting {ORG}|Say hello to {GIVEN}].\n\n{FULL}",
]


def from_list(name: str, pool: list[str]) -> Callable[[Grammar], tuple[str, str]]:
    """Marked texts from templates; the template is what rows name."""
    def make(g: Grammar) -> tuple[str, str]:
        template = g.rng.choice(pool)
        return template, g.expand(template) if name in ("code", "log") else tidy(g.expand(template))
    return make


def mixed(g: Grammar) -> tuple[str, str]:
    """Two or three short texts of any family and negatives as one prompt."""
    parts = [g.expand(g.rng.choice(g.rng.choice(MIXABLE))) for _ in range(g.rng.randint(2, 3))]
    glue = g.rng.choice([" ", "\n", "\n\n"])
    return "mixed", tidy(parts[0] + "".join((glue if glue != " " or before[-1] in ".?!" else "\n") + part for before, part in zip(parts, parts[1:])))


DOCUMENT_KINDS = ["email", "email", "meeting notes", "chat transcript", "news article", "review", "blog post", "story", "story", "support ticket", "abstract"]


def document(g: Grammar) -> tuple[str, str]:
    """Everyday prose of several lines in which few words are names."""
    kind = g.rng.choice(DOCUMENT_KINDS)
    lines = list(dict.fromkeys(tidy(g.expand(g.rng.choice(ALL_LINES[kind]))) for _ in range(g.rng.randint(2, 14))))
    opening = g.expand(g.rng.choice(["", "", "[Hi|Dear|Hello] {GIVEN},\n", "[Summarise|Translate|Shorten] this:\n", "[Who is mentioned here|What is this about]?\n", "Subject: {topic}\n\n"]))
    closing = g.expand(g.rng.choice(["", "", "", "\n[Best|Regards|Cheers], {GIVEN}", "\n\n{FULL}", "\n{FULL}, {ORG}", "\n{FULL}\n{ADDRESS}"]))
    return f"document-{kind}", opening + g.rng.choice([" ", "\n", "\n"] if kind not in ("chat transcript", "meeting notes") else ["\n"]).join(lines) + closing


MIXABLE = [TEMPLATES["chat"], TEMPLATES["requests"], TEMPLATES["family-life"], TEMPLATES["news"], TEMPLATES["travel"], NEGATIVES, NEGATIVES, TEMPLATES["hr"], TEMPLATES["medical"]]


def families() -> list[Family]:
    """Every family with its weight among the positive rows."""
    out = [Family(name, from_list(name, pool), max(6.0, len(pool) * 0.8)) for name, pool in TEMPLATES.items()]
    return [
        *out, Family("crm", crm, 12), Family("form", form, 6), Family("json", json_text, 9), Family("csv", csv, 7), Family("log", from_list("log", LOG_FORMS), 5), Family("code", from_list("code", CODE_FORMS), 6),
        Family("mail", from_list("mail", MAIL_FORMS), 9), Family("mixed", mixed, 18), Family("document", document, 22),
    ]


def roughened(marked: str, rng: random.Random) -> str:
    """Typos outside the marked values, or the whole text in one case; lengths stay what the marks say."""
    way = rng.random()
    if way < 0.06:
        return "".join(char.lower() if len(char.lower()) == 1 else char for char in marked)
    if way < 0.08:
        return "".join(char.upper() if len(char.upper()) == 1 else char for char in marked)
    if way > 0.12:
        return marked
    out, inside = [], False
    for char in marked:
        inside = char == OPEN or (inside and char != CLOSE)
        out.append(rng.choice(NEIGHBOURS[char]) if not inside and char in NEIGHBOURS and rng.random() < 0.03 else char)
    return "".join(out)


def row_of(family: str, template: str, marked: str, split: str) -> Row:
    """A row as the file has them."""
    text, spans = unmark(marked)
    return {"text": text, "spans": spans, "label": sorted({str(span[2]) for span in spans}), "source": f"own:pii-gen-{family}", "template": template, "split": split}


def fill(family: Family, count: int, rng: random.Random, seen: set[str]) -> list[Row]:
    """Up to count new rows of a family; a twentieth of a train family's rows draw dev values and are dev."""
    rows: list[Row] = []
    for _ in range(count * ROUNDS):
        if len(rows) == count:
            break
        split = "dev" if family.name in DEV_FAMILIES or rng.random() < 0.04 else "train"
        g = Grammar(VALUES, rng, split)
        template, marked = family.make(g)
        row = row_of(family.name, template, roughened(marked, rng), split)
        if row["text"] not in seen:
            seen.add(row["text"])
            rows.append(row)
    return rows


def generate(seed: int, n: int) -> list[Row]:
    """About n rows, shuffled; the same seed gives the same rows."""
    rng = random.Random(seed)
    seen: set[str] = set()
    made = families()
    total = sum(family.weight for family in made)
    negatives = Family("negatives", from_list("negatives", NEGATIVES), 0)
    rows = fill(negatives, round(n * NEGATIVE_SHARE), random.Random(rng.random()), seen)
    for family in made:
        rows += fill(family, round(n * (1 - NEGATIVE_SHARE) * family.weight / total), random.Random(rng.random()), seen)
    rng.shuffle(rows)
    return rows


def main() -> None:
    path = Path(sys.argv[1])
    rows = generate(int(sys.argv[3]) if len(sys.argv) > 3 else 1, int(sys.argv[2]) if len(sys.argv) > 2 else 25_000)
    print(f"{path}: {write_rows(path, rows)} rows, {len({row['template'] for row in rows})} templates", flush=True)
    print_counts(rows, ["split", "source"])


if __name__ == "__main__":
    main()
