"""Reasoning tasks written out: each function builds the case of one, the frames around it come from `posed`."""

from __future__ import annotations

import random
from typing import Callable

from generate import intent_words as w

Case = tuple[str, str, list[str]]  # the facts, the question, the answers to choose from (may be empty)

NAMES = [n for n in w.FIRST if n[0].isupper() and " " not in n]
THINGS = "kite|lantern|violin|teapot|globe|ladder|basket|camera|drum|compass|vase|clock|rug|anvil|saddle|telescope".split("|")
JOBS = "baker|pilot|nurse|judge|florist|welder|tailor|chemist|farmer|poet".split("|")
TOWNS = w.CITIES
DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday".split("|")


def pick(rng: random.Random, pool: list[str], n: int) -> list[str]:
    return rng.sample(pool, n)


def ordering(rng: random.Random) -> Case:
    people = pick(rng, NAMES, rng.randint(3, 6))
    more = rng.choice(["taller than", "older than", "richer than", "seated left of", "faster than", "on a higher floor than"])
    clues = [f"{a} is {more} {b}." for a, b in zip(people, people[1:])]
    rng.shuffle(clues)
    return " ".join(clues), rng.choice([f"Who comes in place {rng.randint(2, len(people))} if one lines them up?", f"Is {people[0]} {more} {people[-1]}?", "Write down the whole order.", "Which of them is in the middle, if anyone?"]), people


def seating(rng: random.Random) -> Case:
    a, b, c, d = pick(rng, NAMES, 4)
    rows = [f"{a} refuses to sit next to {b}.", f"{c} has to be at one end.", f"{d} sits somewhere to the right of {a}.", f"Between {b} and {c} there is exactly one person."]
    return f"Four colleagues share a bench. {' '.join(rng.sample(rows, 3))}", rng.choice(["How many seatings obey all of this?", "Give one seating that works or prove there is none.", f"Where can {a} be?"]), []


def table(rng: random.Random) -> Case:
    rows = [(n, rng.randint(12, 90), rng.randint(1, 40), rng.choice(TOWNS)) for n in pick(rng, NAMES, 4)]
    columns = rng.choice([("name", "orders", "returns", "branch"), ("player", "points", "fouls", "home town"), ("tenant", "rent share", "days late", "previous city"), ("runner", "minutes", "bib", "club")])
    mark = rng.choice([" | ", ", ", "\t", "; "])
    body = "\n".join(mark.join(map(str, r)) for r in [columns, *rows])
    return body, rng.choice([f"Who has the largest gap between {columns[1]} and {columns[2]}?", f"What is the mean of {columns[1]} without {rows[0][0]}?", f"If {rows[1][0]}'s {columns[1]} doubled, who would lead?", f"How many have {columns[1]} above {rng.randint(20, 70)} and {columns[2]} below {rng.randint(10, 30)}?"]), [r[0] for r in rows]


def dates(rng: random.Random) -> Case:
    day, n = rng.choice(DAYS), rng.randint(9, 130)
    name = rng.choice(NAMES)
    return rng.choice([f"{name}'s contract was signed on a {day} and took effect {n} days after that.", f"The library lends for {n} days. {name} borrowed a book on a {day} and kept it twice as long as allowed.", f"A festival that lasts {rng.randint(3, 12)} days ended on a {day}; {name} arrived {rng.randint(1, 3)} days before it began."]), rng.choice(["On which weekday did that fall?", "Which weekday is meant?", "Name the day of the week and show the count."]), pick(rng, DAYS, 5)


def moves(rng: random.Random) -> Case:
    steps = [f"{rng.choice(['drives', 'rolls', 'goes', 'flies'])} {rng.randint(2, 20)} metres {rng.choice(['north', 'south', 'east', 'west'])}" for _ in range(rng.randint(3, 5))]
    return f"A {rng.choice(['drone', 'mower', 'delivery robot', 'beetle'])} {', then '.join(steps)}.", rng.choice(["How far, in a straight line, is it from its base?", "In which direction must it head to get home?", "Give its coordinates if the base is (0, 0) and north is +y.", "Is it east or west of the base?"]), []


def family(rng: random.Random) -> Case:
    a, b, c, d = pick(rng, NAMES, 4)
    links = rng.sample([f"{a}'s only brother is {b}.", f"{b} is the father of {c}.", f"{d} married {c}'s aunt.", f"{c} and {d} share a grandmother.", f"{d}'s mother is the sister of {b}."], 3)
    return " ".join(links), f"How is {rng.choice([a, b])} related to {rng.choice([c, d])}?", ["cousin", "uncle or aunt", "niece or nephew", "not related by blood"]


def liars(rng: random.Random) -> Case:
    a, b, c = pick(rng, NAMES, 3)
    lines = [f'{a}: "{b} took the {rng.choice(THINGS)}."', f'{b}: "It was not me, and {c} is making things up."', f'{c}: "{rng.choice([a, b])} never tells it straight."']
    return f"One {rng.choice(['suspect', 'child', 'witness'])} of three is honest, the others made false statements.\n" + "\n".join(lines), rng.choice(["Who is the honest one?", "Who took it?", "Can this be settled? Explain."]), [a, b, c]


def syllogism(rng: random.Random) -> Case:
    x, y, z = pick(rng, ["painters", "glass objects", "reptiles", "night trains", "volunteers", "cheap hotels", "brass instruments", "old maps", "left-handed people", "vaccines", "harbours"], 3)
    q1, q2, q3 = (rng.choice(["All", "No", "Some", "Not all"]) for _ in range(3))
    return f"Assume: {q1.lower()} {x} are {y}; {q2.lower()} {y} are {z}.", f'Must "{q3.lower()} {x} are {z}" hold as well?', ["it must hold", "it cannot hold", "it may or may not hold"]


def blame(rng: random.Random) -> Case:
    a, b = pick(rng, NAMES, 2)
    thing = rng.choice(["the server room flooded", "the cake burned", "the train missed its connection", "the plants died", "the alarm woke the street"])
    return f"{a} {rng.choice(['forgot to close a valve', 'set the wrong hour', 'ignored a warning note'])}. At the same moment {b}, who knew nothing of it, {rng.choice(['cut the power', 'opened the window', 'sent the technician home'])}. Had either of them acted otherwise, things would have gone well; as it was, {thing}.", rng.choice([f"Would people say that {a} brought it about?", f"Did {b} mean for it to happen?", "Whose act counts as the cause?"]), ["yes", "no"]


def irony(rng: random.Random) -> Case:
    bad = rng.choice(["my suitcase went to the wrong continent", "the meeting ran until nine", "it rained through the tent", "they closed the road an hour before my exam", "the upgrade deleted my files"])
    return f'1: "{bad.capitalize()}. Truly the treat I was hoping for."\n2: "{bad.capitalize()}. The clerk was kind about it, though."', rng.choice(["Which speaker means the opposite of what the words say?", "Where is the tone ironic, and what gives it away?"]), ["1", "2", "both", "neither"]


def wrong_line(rng: random.Random) -> Case:
    a, b = pick(rng, NAMES, 2)
    good = [f"{a} and {b} have lived in {rng.choice(TOWNS)} since May.", f"Neither of the keys fits the {rng.choice(THINGS)}.", f"The {rng.choice(JOBS)} whom we met sends her regards."]
    bad = rng.choice([f"The list of guests were sent to {a}.", f"{b} don't has the time to reply.", f"Walking home, the rain surprised {a}'s umbrella.", f"Me and the {rng.choice(JOBS)} was late."])
    lines = [*good, bad]
    rng.shuffle(lines)
    return "\n".join(f"{i + 1}. {line}" for i, line in enumerate(lines)), rng.choice(["One of these is not standard English. Which, and what is wrong?", "Spot the faulty sentence.", "Find the grammatical slip."]), ["1", "2", "3", "4"]


def series(rng: random.Random) -> Case:
    a, d, k = rng.randint(1, 30), rng.randint(2, 9), rng.randint(2, 3)
    run = rng.choice([[a + d * i for i in range(6)], [a * k**i for i in range(5)], [a + d * i * i for i in range(6)], [a + (d if i % 2 else -k) * i for i in range(7)]])
    return ", ".join(map(str, run)) + ", ...", rng.choice(["What comes next?", "Give the rule and two further terms.", "Which term is the first above 1000?", "Find the pattern."]), [str(run[-1] + n) for n in (d, k, 2 * d, d * k)]


def shop(rng: random.Random) -> Case:
    goods = [f"{rng.randint(2, 9)} {t}s" for t in pick(rng, THINGS, 4)]
    name = rng.choice(NAMES)
    return f"{name}'s stall starts with {', '.join(goods)}. A customer takes {rng.choice(['one of each', 'half of the first kind, rounded up', 'two of whatever there is most of'])}, and a delivery doubles the last kind.", rng.choice(["How many things are on the stall now?", "Which kind is rarest at the end?", "Does any kind run out?"]), []


def timetable(rng: random.Random) -> Case:
    a, b = pick(rng, TOWNS, 2)
    return f"Trains leave {a} every {rng.choice([12, 20, 35, 45])} minutes from {rng.randint(5, 8)}:{rng.choice(['05', '10', '25'])}. The ride to {b} takes {rng.randint(40, 160)} minutes, one in three trains stops for {rng.randint(4, 15)} minutes more.", rng.choice([f"Which departure gets me to {b} by {rng.randint(10, 15)}:00 at the latest?", "How many trains are under way at once at most?", "What is the average journey time?"]), []


def plan(rng: random.Random) -> Case:
    a, b, c = pick(rng, NAMES, 3)
    return f"{a} can meet before {rng.randint(10, 12)} or after {rng.randint(14, 16)}. {b} is away until {rng.randint(9, 11)}:30 and needs {rng.choice(['an hour', '20 minutes'])} for lunch at noon. {c} only has {rng.choice(DAYS[:5])} and {rng.choice(DAYS[:5])}.", rng.choice([f"Find a slot of {rng.choice(['30', '45', '90'])} minutes for all three.", "Is a common slot possible at all?", "Propose a schedule and say which wishes conflict."]), []


def trace(rng: random.Random) -> Case:
    n, k = rng.randint(3, 9), rng.randint(2, 5)
    code = rng.choice([
        f"x = {n}\nfor i in range({k}):\n    x = x * 2 - i\nprint(x)", f"s = '{rng.choice(THINGS)}'\nt = s[::-1][{k - 1}:]\nprint(t + s[0])", f"def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\n\nprint(f({n}))", f"let a = [{n}, {k}, {n + k}];\na.push(a.shift());\nconsole.log(a.map(v => v % {k}));",
        f"int c = 0;\nfor (int i = {n}; i > 0; i -= {k}) c += i;\nprintf(\"%d\", c);", f"d = {{'a': {n}, 'b': {k}}}\nd['a'] += d.pop('b')\nprint(d)", f"items = list(range({n}))\ndel items[::{k}]\nprint(items, len(items))",
    ])
    return code, rng.choice(["What does this print?", "Without running it: what is the output?", "Trace the variables line by line.", "Which value is shown at the end?", "Predict the result."]), []


def estimate(rng: random.Random) -> Case:
    what = rng.choice(["piano tuners", "umbrellas left on trains each year", "pizzas eaten on a Friday", "litres of paint on all zebra crossings", "pigeons", "bicycle bells", "haircuts per day", "traffic lights"])
    return f"No sources at hand, rough figures are fine. Place: {rng.choice(TOWNS)}.", f"Estimate the number of {what} and state each assumption.", []


def argument(rng: random.Random) -> Case:
    claim = rng.choice(["School should start at ten.", "Our town needs no new bridge.", "Remote work lowers quality.", "The new label raised sales.", "Cats are smarter than dogs.", "Buses ought to be free.", "The old software was better."])
    ground = rng.choice([f"My neighbour {rng.choice(NAMES)} says so and is never wrong.", "After we changed it, the figures went up.", f"{rng.randint(51, 97)}% of {rng.randint(8, 40)} people asked agreed.", "Nobody has shown that it is false.", "Either we do it or everything stays bad.", "It has always been like that.", "A study of two cities found it."])
    return f"Claim: {claim} Ground: {ground}", rng.choice(["How strong is this argument?", "Which flaw does the reasoning have?", "What further evidence would settle it?", "Does the ground support the claim? Judge it.", "State the hidden assumption."]), ["strong", "weak", "circular", "beside the point"]


def compare(rng: random.Random) -> Case:
    x, y = rng.choice([("a used electric car", "a new petrol car"), ("renting", "a mortgage"), ("Postgres", "a document store"), ("a night train", "a flight"), ("hiring a freelancer", "a full-time post"), ("solar panels", "a heat pump"), ("a monorepo", "many small repositories"), ("leasing", "buying the printer")])
    return f"We are {rng.choice(['a team of ' + str(rng.randint(3, 30)), 'two students', 'a family of ' + str(rng.randint(3, 6)), 'a small museum'])} with {rng.choice(['little cash', 'plenty of time', 'a budget of ' + str(rng.randint(2, 90)) + ',000', 'no expert on it'])}.", rng.choice([f"Weigh {x} against {y}.", f"{x.capitalize()} or {y}: which fits us, and what would change your mind?", f"Compare {x} with {y} on cost, risk and effort."]), []


def cause(rng: random.Random) -> Case:
    sign = rng.choice(["Checkout errors tripled", "The greenhouse is two degrees too cold", "Page loads doubled", "The bread no longer rises", "Sign-ups fell by a fifth", "Battery life halved", "The pump trips every night"])
    facts = rng.sample([f"it began on {rng.choice(DAYS)}", "only on one machine", f"a part was replaced {rng.randint(2, 9)} days before", "not during holidays", "a restart helps for an hour", "the supplier changed", "nobody touched the settings"], 3)
    return f"{sign}. Known: {'; '.join(facts)}.", rng.choice(["What is the likeliest root cause?", "List the hypotheses by likelihood and a test for each.", "Which fact rules out the most explanations?", "Why might this be?"]), []


def reading(rng: random.Random) -> Case:
    base, later = rng.randint(20, 400), rng.randint(20, 400)
    return f"{rng.choice(['Visitors', 'Revenue (k)', 'Defects', 'Rainfall (mm)'])} by quarter: Q1 {base}, Q2 {later}, Q3 {rng.randint(20, 400)}, Q4 {rng.randint(20, 400)}. The {rng.choice(['price', 'staff', 'method of counting'])} changed in Q{rng.randint(2, 4)}.", rng.choice(["What does the trend tell us, and what does it not?", "By how many percent did Q2 differ from Q1?", "Is the change a plausible cause of the jump?", "Interpret these figures for the board.", "Which quarter looks odd and why?"]), []


def purse(rng: random.Random) -> Case:
    a, b = pick(rng, NAMES, 2)
    return f"{a} has {rng.randint(5, 60)} {rng.choice(['stamps', 'marbles', 'coupons'])}, gives {rng.choice(['a third', 'a quarter', 'half'])} to {b} and finds {rng.randint(2, 12)}. Then they swap everything with {rng.choice(NAMES)}, who owned {rng.randint(5, 40)}.", rng.choice(["Who ends with the most?", f"What is left for {a}?", "How many are there in all?"]), []


def colours(rng: random.Random) -> Case:
    people, tones = pick(rng, NAMES, 3), pick(rng, w.COLOURS, 3)
    return f"{people[0]}, {people[1]} and {people[2]} own a {tones[0]}, a {tones[1]} and a {tones[2]} {rng.choice(THINGS)}. {people[0]} dislikes {tones[0]}. {people[1]}'s is not {tones[1]}. The owner of the {tones[2]} one is not {people[rng.randint(0, 2)]}.", rng.choice(["Match owners and colours.", f"Whose is {tones[0]}?", "Is the assignment unique?"]), people


CASES: list[Callable[[random.Random], Case]] = [ordering, seating, table, dates, moves, family, liars, syllogism, blame, irony, wrong_line, series, shop, timetable, plan, trace, estimate, argument, compare, cause, reading, purse, colours]
TASKS = ["Use only what is stated.", "Consider the case below.", "Read the facts and reach a conclusion.", "I need a reasoned answer.", "Draw the inference.", "Work it out.", "Decide the matter.", "Help me think this through.", "A brain teaser:", "From an aptitude test:", "Analyse this.", "Give your reasoning."]
ENDS = ["Think step by step.", "Explain.", "Give the reason as well.", "Answer with the letter only.", "Show how you got there.", "One short paragraph.", "State how sure you are.", "No guessing.", "Reason first, answer last."]
LABELS = [("(A) ", "(B) ", "(C) ", "(D) ", "(E) ", "(F) "), ("a. ", "b. ", "c. ", "d. ", "e. ", "f. "), ("A: ", "B: ", "C: ", "D: ", "E: ", "F: "), ("[1] ", "[2] ", "[3] ", "[4] ", "[5] ", "[6] "), ("* ",) * 6]


def posed(rng: random.Random) -> str:
    """One task: facts and question in either order, perhaps with an instruction and with options."""
    facts, question, answers = rng.choice(CASES)(rng)
    gap = rng.choice(["\n", "\n\n", " "]) if "\n" not in facts else rng.choice(["\n", "\n\n"])
    parts = [question, facts] if rng.random() < 0.3 else [facts, question]
    if rng.random() < 0.3:
        parts.insert(0, rng.choice(TASKS))
    if answers and rng.random() < 0.5:
        marks, listed = rng.choice(LABELS), list(answers)
        rng.shuffle(listed)
        parts.append(rng.choice(["Options:\n", "", "Choices:\n", "Pick one.\n"]) + rng.choice(["\n", "\n", "  "]).join(m + a for m, a in zip(marks, listed)))
    if rng.random() < 0.35:
        parts.append(rng.choice(ENDS))
    return gap.join(parts).strip()
