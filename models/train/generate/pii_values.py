"""Values of the PII generator: persons, organisations, places, addresses and other identifiers, each marked with its type.

Marking: OPEN, one character for the type, the value, CLOSE; `unmark` turns marked text into text and spans.
Conventions, as in the sources this data stands beside: "Dr." and "Prof." before a name belong to PERSON, "Mr.", "Frau"
and the like do not; unit, postcode, town and state on the line of the street belong to STREET_ADDRESS, the country does
not; a town or postcode on a line or in a field of its own is LOCATION or ZIP_CODE.
"""

from __future__ import annotations

import random
import string
from typing import Callable

from generate import pii_words as words
from generate import safety_texts as texts
from generate.grammar import Grammar, Pool

OPEN, CLOSE, FIRST_CODE = "\ue000", "\ue001", 0xE010
TYPES = [
    "PERSON", "ORGANIZATION", "LOCATION", "STREET_ADDRESS", "EMAIL_ADDRESS", "PHONE_NUMBER", "DATE_OF_BIRTH", "DATE_TIME", "IBAN_CODE", "CREDIT_CARD", "US_SSN", "IP_ADDRESS", "URL", "ZIP_CODE", "AGE", "MEDICAL_ID",
]
Span = list[int | str]


def mark(kind: str, value: str) -> str:
    """The value marked as one of TYPES."""
    return OPEN + chr(FIRST_CODE + TYPES.index(kind)) + value + CLOSE


def unmark(marked: str) -> tuple[str, list[Span]]:
    """Plain text and its spans [start, end, TYPE] in code points."""
    out: list[str] = []
    spans: list[Span] = []
    start, kind, at = 0, "", 0
    while at < len(marked):
        if marked[at] == OPEN:
            start, kind = len(out), TYPES[ord(marked[at + 1]) - FIRST_CODE]
            at += 2
            continue
        if marked[at] == CLOSE:
            spans.append([start, len(out), kind])
        else:
            out.append(marked[at])
        at += 1
    return "".join(out), spans


def pair(g: Grammar) -> tuple[str, str]:
    """A first name and a surname, mostly of one culture."""
    culture = g.rng.choice(CULTURES)
    other = g.rng.choice(CULTURES) if g.rng.random() < 0.2 else culture
    return g.rng.choice(list(g.share(words.FIRST[culture]))), g.rng.choice(list(g.share(words.LAST[other])))


CULTURES = [*words.FIRST, "english", "english", "english", "spanish", "german", "eastasian", "indian", "african"]


def invented(rng: random.Random) -> str:
    """A pronounceable word that is in no list, so that shape and context have to do."""
    onset, nucleus, coda = "b br c ch d dr f fl g gr h j k kl l m n p pr qu r s sh sk st t th tr v w y z zh".split(), "a e i o u ai ei ou ia ao".split(), ["", "", "", "n", "r", "l", "s", "m", "k", "th", "nd", "x"]
    return "".join(rng.choice(onset) + rng.choice(nucleus) + rng.choice(coda) for _ in range(rng.choice([2, 2, 3]))).capitalize()


def full_name(g: Grammar) -> str:
    """First and last name with the additions names have."""
    first, last = pair(g)
    way = g.rng.random()
    if way < 0.08:
        first = invented(g.rng)
    if way < 0.14 and way >= 0.04:
        last = invented(g.rng)
    if way > 0.93:
        last = f"{last}-{pair(g)[1]}"
    elif way > 0.9:
        last = f"{last} {pair(g)[1]}"
    elif way > 0.85:
        first = f"{first} {pair(g)[0]}"
    elif way > 0.78:
        first = f"{first} {g.rng.choice(string.ascii_uppercase[:23])}."
    elif way > 0.75:
        last += g.rng.choice([" Jr.", " Jr", " III", " II", " Sr."])
    return f"{first} {last}"


def person_text(g: Grammar) -> str:
    """A person in any of the ways people are written."""
    first, last = pair(g)
    way = g.rng.random()
    if way < 0.46:
        return full_name(g)
    if way < 0.6:
        return first
    if way < 0.67:
        return f"{last}, {first}" + (f" {g.rng.choice(string.ascii_uppercase[:23])}." if g.rng.random() < 0.15 else "")
    if way < 0.75:
        return f"{g.rng.choice(['Dr. ', 'Dr. ', 'Dr. ', 'Dr ', 'Prof. ', 'Prof. Dr. '])}{last if g.rng.random() < 0.6 else full_name(g)}"
    if way < 0.81:
        return f"{first[0]}. {last}"
    if way < 0.83:
        return f"{first[0]}.{g.rng.choice(['', ' '])}{g.rng.choice('ABCDEFGHJKLMNPRSTW')}. {last}"
    if way < 0.86:
        return f"{last} {first}"
    if way < 0.95:
        return (full_name(g) if g.rng.random() < 0.7 else first).lower()
    if way < 0.98:
        return full_name(g).upper()
    return f"{last.upper()} {first}" if g.rng.random() < 0.5 else f"{first} {last.upper()}"


def person(g: Grammar) -> str:
    return mark("PERSON", person_text(g))


def full(g: Grammar) -> str:
    return mark("PERSON", full_name(g))


def given(g: Grammar) -> str:
    return mark("PERSON", pair(g)[0] if g.rng.random() < 0.93 else invented(g.rng))


def family(g: Grammar) -> str:
    return mark("PERSON", pair(g)[1] if g.rng.random() < 0.93 else invented(g.rng))


def reversed_name(g: Grammar) -> str:
    first, last = pair(g)
    return mark("PERSON", f"{last}, {first}")


def loud(g: Grammar) -> str:
    return mark("PERSON", full_name(g).upper())


def quiet(g: Grammar) -> str:
    return mark("PERSON", full_name(g).lower() if g.rng.random() < 0.7 else pair(g)[0].lower())


def famous(g: Grammar) -> str:
    name = g.rng.choice(list(g.share(words.FAMOUS)))
    return mark("PERSON", name if g.rng.random() < 0.85 else name.split()[-1])


def city_text(g: Grammar) -> str:
    return g.rng.choice(list(g.share(words.CITIES if g.rng.random() < 0.65 else words.SMALL_TOWNS)))


def city(g: Grammar) -> str:
    return mark("LOCATION", city_text(g))


def country(g: Grammar) -> str:
    """A country; the article stays outside."""
    name = g.rng.choice(list(g.share(words.COUNTRIES)))
    return f"the {mark('LOCATION', name[4:])}" if name.startswith("the ") else mark("LOCATION", name)


def location(g: Grammar) -> str:
    """A town, country, region or landmark."""
    way = g.rng.random()
    if way < 0.5:
        return city(g)
    if way < 0.75:
        return country(g)
    name = g.rng.choice(list(g.share(words.REGIONS)))
    return f"the {mark('LOCATION', name[4:])}" if name.startswith("the ") else mark("LOCATION", name)


def organisation_text(g: Grammar) -> str:
    """The name of a company, school, hospital, bank, office, club or brand."""
    values = {
        "city": city_text(g), "given": pair(g)[0], "family": pair(g)[1], "tail": g.rng.choice(words.ORG_TAILS), "plain": g.rng.choice(words.ORG_PLAIN), "head": g.rng.choice(list(g.share(words.ORG_HEADS))), "glued": g.rng.choice(words.GLUED), "ministry": g.rng.choice(words.MINISTRIES),
        "country": g.rng.choice(words.COUNTRIES).removeprefix("the "), "invented": invented(g.rng), "known": g.rng.choice(list(g.share(words.ORG_KNOWN))).removeprefix("the "),
    }
    name = g.rng.choice(words.ORG_FORMS).format(**values)
    way = g.rng.random()
    return name.lower() if way < 0.05 else name.upper() if way < 0.08 else name


def organisation(g: Grammar) -> str:
    return mark("ORGANIZATION", organisation_text(g))


def digits(rng: random.Random, count: int) -> str:
    return "".join(rng.choice(string.digits) for _ in range(count))


def american(g: Grammar) -> str:
    r = g.rng
    street = f"{r.randint(1, 9999)} {r.choice(['', '', '', 'N. ', 'South ', 'W ', 'East '])}{r.choice([r.choice(words.STREET_EN), str(r.randint(1, 99)) + r.choice(['st', 'nd', 'rd', 'th'])])} {r.choice(words.STREET_TYPE_EN)}"
    unit = r.choice(["", "", "", f", Apt {r.randint(1, 99)}{r.choice('ABCD')}", f" Apt. {r.randint(1, 99)}", f", Suite {r.randint(100, 999)}", f", Unit {r.randint(1, 40)}", f" #{r.randint(1, 500)}"])
    town = f", {city_text(g)}, {r.choice('AL AZ CA CO CT FL GA IL IN KS MA MD MI MN MO NC NJ NM NV NY OH OR PA TN TX UT VA WA WI'.split())} {digits(r, 5)}{'-' + digits(r, 4) if r.random() < 0.1 else ''}"
    return street + unit + (town if r.random() < 0.6 else "")


def british(g: Grammar) -> str:
    r = g.rng
    code = f"{r.choice('LS M B SW EC N SE EH G CF BS OX CB NR YO'.split())}{r.randint(1, 20)} {r.randint(1, 9)}{r.choice('ABDEFGHJLN')}{r.choice('ABDEFGHJLNP')}"
    unit = r.choice(["", "", f"Flat {r.randint(1, 40)}, ", f"Unit {r.randint(1, 20)}, ", f"{r.choice(words.STREET_EN)} House, "])
    return f"{unit}{r.randint(1, 250)}{r.choice(['', '', '', 'A', 'b'])} {r.choice(words.STREET_EN)} {r.choice(words.STREET_TYPE_EN)}" + (f", {city_text(g)}{r.choice([' ', ', '])}{code}" if r.random() < 0.6 else "")


def german(g: Grammar) -> str:
    r = g.rng
    street = r.choice(words.STREET_DE_START) + r.choice(words.STREET_DE_END) if r.random() < 0.8 else r.choice(["Am Markt", "An der Alten Mühle", "Unter den Linden", "Im Winkel", "Alte Landstraße", "Zum Sportplatz"])
    street = street.replace("sstr", "str")
    return f"{street} {r.randint(1, 240)}{r.choice(['', '', 'a', 'b', '-' + str(r.randint(2, 9))])}" + (f", {r.choice(['', '', 'D-'])}{digits(r, 5)} {city_text(g)}" if r.random() < 0.65 else "")


def french(g: Grammar) -> str:
    r = g.rng
    street = f"{r.randint(1, 220)}{r.choice(['', ' bis', ' ter', ','])} {r.choice(['rue', 'avenue', 'boulevard', 'place', 'Rue', 'impasse', 'chemin', 'quai'])} {r.choice(words.STREET_FR)}"
    return street + r.choice(["", "", ", appartement 12", ", Bât. B"]) + (f", {digits(r, 5)} {city_text(g)}" if r.random() < 0.65 else "")


def spanish(g: Grammar) -> str:
    r = g.rng
    street = f"{r.choice(['Calle', 'C/', 'Avenida', 'Av.', 'Plaza', 'Paseo', 'calle', 'Carrera'])} {r.choice(words.STREET_ES)}{r.choice([' ', ', ', ' núm. ', ' #'])}{r.randint(1, 3000)}"
    return street + r.choice(["", "", f", {r.randint(1, 9)}º {r.choice('ABCD')}", ", piso 3", ", Int. 5", ", Col. Centro"]) + (f", {digits(r, 5)} {city_text(g)}" if r.random() < 0.6 else "")


def italian(g: Grammar) -> str:
    r = g.rng
    return f"{r.choice(['Via', 'Via', 'Viale', 'Corso', 'Piazza', 'Largo', 'via'])} {r.choice(words.STREET_IT)}{r.choice([' ', ', ', ' n. '])}{r.randint(1, 300)}{r.choice(['', '', '/A', ' int. 4'])}" + (f", {digits(r, 5)} {city_text(g)}{r.choice(['', ' (MI)', ' (RM)'])}" if r.random() < 0.65 else "")


def dutch(g: Grammar) -> str:
    r = g.rng
    return f"{r.choice(words.STREET_NL)} {r.randint(1, 900)}{r.choice(['', '', '-B', ' III', 'a', ' bis'])}" + (f", {r.randint(1000, 9999)}{r.choice([' ', ''])}{r.choice('ABCDEGHJKLN')}{r.choice('ABCDEGHJKLN')} {city_text(g)}" if r.random() < 0.65 else "")


def portuguese(g: Grammar) -> str:
    r = g.rng
    street = f"{r.choice(['Rua', 'Av.', 'Avenida', 'Travessa', 'Largo', 'Praça', 'R.', 'Alameda'])} {r.choice(words.STREET_PT)}{r.choice([', ', ' ', ', nº ', ' n.º '])}{r.randint(1, 4000)}{r.choice(['', '', ', 2.º Esq.', ', apto 42', ' - apto 101', ', 3º Dto'])}"
    return street + (r.choice([f", {digits(r, 4)}-{digits(r, 3)} {city_text(g)}", f", {city_text(g)} - {r.choice(['SP', 'RJ', 'MG'])}, {digits(r, 5)}-{digits(r, 3)}"]) if r.random() < 0.6 else "")


def polish(g: Grammar) -> str:
    r = g.rng
    return f"{r.choice(['ul. ', 'ul. ', 'al. ', 'os. ', ''])}{r.choice(words.STREET_PL)} {r.randint(1, 200)}{r.choice(['', '/' + str(r.randint(1, 90)), ' m. 7', 'a'])}" + (f", {digits(r, 2)}-{digits(r, 3)} {city_text(g)}" if r.random() < 0.65 else "")


def nordic(g: Grammar) -> str:
    r = g.rng
    return f"{r.choice(words.STREET_NORDIC)} {r.randint(1, 190)}{r.choice(['', '', ' B', ', 3. tv.', ' lgh 1102', 'C'])}" + (f", {r.choice([digits(r, 3) + ' ' + digits(r, 2), digits(r, 4), digits(r, 5)])} {city_text(g)}" if r.random() < 0.65 else "")


def czech(g: Grammar) -> str:
    r = g.rng
    return f"{r.choice(words.STREET_CZ)} {r.randint(1, 2000)}{r.choice(['', '/' + str(r.randint(1, 60))])}" + (f", {digits(r, 3)} {digits(r, 2)} {city_text(g)}{r.choice(['', ' ' + str(r.randint(1, 10))])}" if r.random() < 0.65 else "")


def indian(g: Grammar) -> str:
    r = g.rng
    house = r.choice([f"Flat {r.randint(1, 999)}, {r.choice(['Lotus', 'Shanti', 'Green View', 'Sai Krupa', 'Lakeview'])} Apartments, ", f"{r.randint(1, 400)}, ", f"Plot No. {r.randint(1, 200)}, ", f"H.No. {r.randint(1, 12)}-{r.randint(1, 99)}, "])
    return house + r.choice(words.STREET_IN) + (f", {city_text(g)}{r.choice([' ', ' - ', ' – '])}{r.randint(110, 855)}{r.choice(['', ' '])}{digits(r, 3)}" if r.random() < 0.65 else "")


def oceanic(g: Grammar) -> str:
    r = g.rng
    return f"{r.choice(['', '', f'Unit {r.randint(1, 30)}, ', f'{r.randint(1, 30)}/'])}{r.randint(1, 400)} {r.choice(words.STREET_EN)} {r.choice(words.STREET_TYPE_EN)}" + (f", {city_text(g)} {r.choice('NSW VIC QLD WA SA TAS'.split())} {digits(r, 4)}" if r.random() < 0.6 else "")


def canadian(g: Grammar) -> str:
    r = g.rng
    code = f"{r.choice('ABCEGHJKLMNPRST')}{r.randint(0, 9)}{r.choice('ABCEGHJKL')} {r.randint(0, 9)}{r.choice('ABCEGHJKL')}{r.randint(0, 9)}"
    return f"{r.randint(1, 9000)}{r.choice([' ', ' ', '-' + str(r.randint(1, 200)) + ' '])}{r.choice(words.STREET_EN)} {r.choice(words.STREET_TYPE_EN)}{r.choice(['', ' West', ' NW', ' E'])}" + (f", {city_text(g)}, {r.choice('ON QC BC AB MB NS'.split())} {code}" if r.random() < 0.6 else "")


def japanese(g: Grammar) -> str:
    r = g.rng
    return f"{r.randint(1, 9)}-{r.randint(1, 30)}-{r.randint(1, 30)} {r.choice(words.JP_AREAS)}{r.choice(['', f' {digits(r, 3)}-{digits(r, 4)}'])}"


def korean(g: Grammar) -> str:
    return f"{g.rng.randint(1, 600)} {g.rng.choice(words.KR_AREAS)}{g.rng.choice(['', ' 0' + digits(g.rng, 4)])}"


def turkish(g: Grammar) -> str:
    r = g.rng
    return f"{r.choice(words.STREET_TR)} {r.choice(['Caddesi', 'Sokak', 'Cad.', 'Sok.', 'Mah. Çınar Sok.'])} {r.choice(['No: ', 'No:', ''])}{r.randint(1, 200)}{r.choice(['', '/' + str(r.randint(1, 20)), ' D:4'])}" + (f", {digits(r, 5)} {city_text(g)}" if r.random() < 0.6 else "")


def mixed(g: Grammar) -> str:
    """Unit first, or a street of one country with a town of another."""
    r = g.rng
    street = r.choice([*(f"{name} {kind}" for name, kind in [(r.choice(words.STREET_EN), r.choice(words.STREET_TYPE_EN))]), r.choice(words.STREET_NL), f"Via {r.choice(words.STREET_IT)}", f"Rue {r.choice(words.STREET_FR)}", f"Calle {r.choice(words.STREET_ES)}", r.choice(words.STREET_DE_START) + "straße"])
    return r.choice([f"Apt. {r.randint(1, 99)}, {r.randint(1, 900)} {street}", f"{street} {r.randint(1, 99)}, {digits(r, 5)} {city_text(g)}", f"{r.randint(1, 999)} {street}, {city_text(g)} {digits(r, 5)}", f"{r.randint(1, 999)} {street}", f"{street} {r.randint(1, 99)}"])


STYLES: list[Callable[[Grammar], str]] = [american, american, american, british, british, german, german, french, spanish, italian, dutch, portuguese, polish, nordic, czech, indian, oceanic, canadian, japanese, korean, turkish, mixed, mixed]


def cased(g: Grammar, text: str) -> str:
    """Now and then all lower or all upper case."""
    way = g.rng.random()
    return text.lower() if way < 0.06 else text.upper() if way < 0.09 else text


def address(g: Grammar) -> str:
    return mark("STREET_ADDRESS", cased(g, g.rng.choice(STYLES)(g)))


def street(g: Grammar) -> str:
    """Street and house number without the town."""
    r = g.rng
    text = r.choice(STYLES)(g)
    for _ in range(20):
        if "," not in text and len(text) < 45:
            break
        text = r.choice(STYLES)(g)
    return mark("STREET_ADDRESS", cased(g, text.split(", ")[0] if len(text.split(", ")[0]) > 8 else f"{r.randint(1, 99)} {r.choice(words.STREET_EN)} Street"))


def styled(style: Callable[[Grammar], str]) -> Callable[[Grammar], str]:
    return lambda g: mark("STREET_ADDRESS", style(g))


def ascii_name(text: str) -> str:
    return "".join(char for char in text.lower() if char in string.ascii_lowercase) or "info"


def email(g: Grammar) -> str:
    first, last = pair(g)
    return mark("EMAIL_ADDRESS", f"{ascii_name(first)}{g.rng.choice(['.', '_', '', '-'])}{ascii_name(last)}{g.rng.choice(['', '', str(g.rng.randint(1, 99))])}@{g.rng.choice(['example.com', 'mail.example', 'web.de', 'gmail.com', 'corp.example', 'example.org'])}")


def phone(g: Grammar) -> str:
    r = g.rng
    return mark("PHONE_NUMBER", r.choice([f"+1 {digits(r, 3)}-{digits(r, 3)}-{digits(r, 4)}", f"({digits(r, 3)}) {digits(r, 3)}-{digits(r, 4)}", f"+49 {digits(r, 3)} {digits(r, 7)}", f"0{digits(r, 3)} {digits(r, 6)}", f"+44 20 {digits(r, 4)} {digits(r, 4)}", f"+33 6 {digits(r, 2)} {digits(r, 2)} {digits(r, 2)} {digits(r, 2)}"]))


def dated(kind: str, low: int, high: int) -> Callable[[Grammar], str]:
    """A date between two years, in one of the usual notations."""
    def make(g: Grammar) -> str:
        r = g.rng
        day, month, year = r.randint(1, 28), r.randint(1, 12), r.randint(low, high)
        name = "January February March April May June July August September October November December".split()[month - 1]
        return mark(kind, r.choice([f"{day:02}/{month:02}/{year}", f"{year}-{month:02}-{day:02}", f"{name} {day}, {year}", f"{day} {name} {year}", f"{day:02}.{month:02}.{year}"]))
    return make


def simple(kind: str, make: Callable[[random.Random], str]) -> Callable[[Grammar], str]:
    """An identifier built from digits."""
    return lambda g: mark(kind, make(g.rng))


def number(low: int, high: int) -> Callable[[Grammar], str]:
    return lambda g: str(g.rng.randint(low, high))


def chinese_person(g: Grammar) -> str:
    return mark("PERSON", g.rng.choice(words.ZH_LAST) + "".join(g.rng.choice(words.ZH_GIVEN) for _ in range(g.rng.choice([1, 2, 2]))))


def japanese_person(g: Grammar) -> str:
    return mark("PERSON", g.rng.choice(words.JA_LAST) + g.rng.choice(["", " ", "　"]) + g.rng.choice(words.JA_GIVEN))


def korean_person(g: Grammar) -> str:
    return mark("PERSON", g.rng.choice(words.KO_LAST) + g.rng.choice(words.KO_GIVEN))


def russian_person(g: Grammar) -> str:
    first = g.rng.choice(words.RU_FIRST)
    last = g.rng.choice(words.RU_LAST_M) + ("а" if first[-1] in "аья" else "")
    return mark("PERSON", g.rng.choice([f"{first} {last}", f"{last} {first}", f"{last} {first[0]}. {g.rng.choice('АВДИНПС')}.", first]))


def native(kind: str, pool: list[str]) -> Callable[[Grammar], str]:
    return lambda g: mark(kind, g.rng.choice(pool))


def native_address(pool: list[str], tail: Callable[[random.Random], str]) -> Callable[[Grammar], str]:
    return lambda g: mark("STREET_ADDRESS", g.rng.choice(pool) + tail(g.rng))


def texts_pools() -> dict[str, Pool]:
    """The slots of the ordinary prose of safety_texts, so that its lines hold marked values here."""
    return {
        "first": given, "last": family, "town": city, "company": organisation, "country": country, "hero": person, "n1": number(1, 9), "n2": number(11, 99), "n3": number(100, 9999), "place": texts.PLACE, "thing": texts.THING, "mood": texts.MOOD,
        "weather": texts.WEATHER, "topic": texts.TOPIC, "product": texts.PRODUCT, "weekday": texts.WEEKDAY, "month": texts.MONTH, "lang": ["French", "German", "Spanish", "Japanese", "Hindi"],
    }


VALUES: dict[str, Pool] = {
    "PERSON": person, "FULL": full, "GIVEN": given, "FAMILY": family, "REVERSED": reversed_name, "LOUD": loud, "QUIET": quiet, "FAMOUS": famous, "ORG": organisation, "CITY": city, "COUNTRY": country, "LOC": location, "ADDRESS": address, "STREET": street,
    "EMAIL": email, "PHONE": phone, "DOB": dated("DATE_OF_BIRTH", 1935, 2012), "DATE": dated("DATE_TIME", 2015, 2027), "IBAN": simple("IBAN_CODE", lambda r: f"DE{digits(r, 2)} {digits(r, 4)} {digits(r, 4)} {digits(r, 4)} {digits(r, 4)} {digits(r, 2)}"),
    "CARD": simple("CREDIT_CARD", lambda r: f"4{digits(r, 3)} {digits(r, 4)} {digits(r, 4)} {digits(r, 4)}"), "SSN": simple("US_SSN", lambda r: f"{digits(r, 3)}-{digits(r, 2)}-{digits(r, 4)}"), "IP": simple("IP_ADDRESS", lambda r: ".".join(str(r.randint(1, 254)) for _ in range(4))),
    "URL": simple("URL", lambda r: f"https://{r.choice(['www', 'app', 'shop'])}.{r.choice(['kestrel', 'lumen', 'opal'])}.example/{digits(r, 3)}"), "ZIP": simple("ZIP_CODE", lambda r: digits(r, 5)), "AGE": simple("AGE", lambda r: str(r.randint(18, 94))),
    "MRN": simple("MEDICAL_ID", lambda r: f"MRN-{digits(r, 6)}"), "n": number(2, 99), "nnn": number(100, 99999), "k": number(2, 9),
    "DE_ADDR": styled(german), "FR_ADDR": styled(french), "ES_ADDR": styled(spanish), "IT_ADDR": styled(italian), "NL_ADDR": styled(dutch), "PT_ADDR": styled(portuguese), "PL_ADDR": styled(polish), "TR_ADDR": styled(turkish), "NO_ADDR": styled(nordic), "CZ_ADDR": styled(czech),
    "ZH": chinese_person, "JA": japanese_person, "KO": korean_person, "RU": russian_person,
    "ZH_LOC": native("LOCATION", words.LOC_NATIVE["zh"]), "JA_LOC": native("LOCATION", words.LOC_NATIVE["ja"]), "RU_LOC": native("LOCATION", words.LOC_NATIVE["ru"]), "KO_LOC": native("LOCATION", words.LOC_NATIVE["ko"]),
    "ZH_ORG": native("ORGANIZATION", words.ORG_NATIVE["zh"]), "JA_ORG": native("ORGANIZATION", words.ORG_NATIVE["ja"]), "RU_ORG": native("ORGANIZATION", words.ORG_NATIVE["ru"]), "KO_ORG": native("ORGANIZATION", words.ORG_NATIVE["ko"]),
    "ZH_ADDR": native_address(words.CN_NATIVE, lambda r: f"{r.randint(1, 999)}号" + r.choice(["", f"{r.randint(1, 30)}号楼{r.randint(101, 2500)}室"])), "JA_ADDR": native_address(words.JP_NATIVE, lambda r: f"{r.randint(1, 9)}-{r.randint(1, 30)}-{r.randint(1, 20)}"),
    "RU_ADDR": native_address([f"ул. {name}" for name in words.STREET_RU], lambda r: f", д. {r.randint(1, 150)}" + r.choice(["", f", кв. {r.randint(1, 200)}"])),
    "job": words.JOBS, **texts_pools(),
}
