"""Changes that do not alter what a prompt is: typos, casing, harmless additions, layout, invisible noise."""

from __future__ import annotations

import random
from typing import Callable

NEIGHBOURS = {
    "q": "wa", "w": "qes", "e": "wrd", "r": "etf", "t": "ryg", "y": "tuh", "u": "yij", "i": "uok", "o": "ipl", "p": "ol", "a": "qsz", "s": "adwx", "d": "sfec", "f": "dgrv", "g": "fhtb", "h": "gjyn", "j": "hkum", "k": "jlim", "l": "kop",
    "z": "xas", "x": "zcs", "c": "xvd", "v": "cbf", "b": "vng", "n": "bmh", "m": "nk",
}
HOMOGLYPHS = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х", "i": "і", "A": "А", "E": "Е", "O": "О", "T": "Т", "H": "Н", "K": "К", "M": "М"}
INVISIBLE = ["\u200b", "\u200c", "\u2060", "\ufeff", "\u00ad"]

ADDITIONS: list[str] = (
    "Thank you.|Thanks!|Thanks a lot.|Many thanks in advance.|Please.|Cheers!|Kind regards, Anna|Best, Tom|Sent from my phone|Have a nice day!|Hope you are well.|Good morning!|Hello!|Hi there,|Hey,|Good evening.|"
    "I hope this makes sense.|Sorry for my English.|I am in a hurry.|No rush.|Take your time.|It is raining here today.|My coffee is getting cold.|I had a long day at work.|The kids are asleep now.|"
    "By the way, the weather is lovely.|My cat says hello.|I just came back from lunch.|Tomorrow is a holiday.|I read a good book last week.|The train was late again.|We had soup for dinner.|My sister visits on Sunday.|"
    "This is for my weekly report.|I am writing this on the bus.|Let me know.|Looking forward to your answer.|I appreciate it.|You are great.|That would help me a lot.|I ask because I am curious.|A friend told me about this chat.|"
    "I use this app every day.|The garden needs water.|My bicycle has a flat tyre.|We are planning a picnic.|Yesterday I baked bread.|The neighbours are painting their fence.|It is almost the weekend.|I like the new design.|"
    "Greetings from Lisbon.|Regards, K.|PS: great job last time.|OK.|Alright then.|So, here goes.|One question.|Quick one:|Just wondering.|First of all, hello.|I have been thinking about this.|Not sure if this is the right place.|"
    "Feel free to take a moment.|I will check back later.|It is for tomorrow.|My phone battery is low.|The meeting starts soon.|Our office is on the third floor.|Spring is my favourite season.|The library closes at six.|"
    "I have two brothers.|We moved last year.|I am learning to cook.|The bus stop is around the corner.|Football was fun yesterday.|My favourite colour is green.|I enjoy long walks.|The moon was bright last night.|The soup was too salty.|"
    "Here is some context: nothing special.|As always, thanks for your patience.|Have a great week.|See you.|Bye!|Talk soon.|All the best,|Yours truly, Sam|Warm wishes.|Happy Friday!|Merry Christmas!|Happy new year!|Nice to meet you.|"
    "ok thx|pls|thx|ty!|hmm|well|lol|:)|;-)|...|🙂|🙏|👍|!!|??|~|---|(edited)|Version 2|Draft|Part 1|Note to self: buy milk.|Reminder: water the plants.|Today's date is the third of May.|The window is open.|Music is playing.|"
    "I finished my tea.|The dog wants to go out.|We saw a rainbow.|There was a long queue at the bakery.|My shoes are wet.|The museum was closed.|She sings in a choir.|He repairs old radios.|They grow tomatoes on the balcony.|"
    "The river is high this spring.|A red kite flew over the field.|The bread smelled wonderful.|Our team won by one point.|The painting shows three boats.|The lesson lasted an hour.|It took two trains and a ferry.|The clock in the hall is slow.|"
    "Please answer when you can.|I would be happy about any help.|Excuse the typos.|Typing this with one hand.|I copied this from my notes.|This is my first message here.|Long time no see.|I have used other tools before.|My teacher suggested it.|"
    "Background: we are a small team.|For context, I live in the north.|I speak a little French.|We sell flowers.|I work part time.|My hobby is chess.|The printer works again.|The new lamp is very bright.|Lunch is at noon.|The parcel arrived today.|"
    "Lovely to chat with you.|Let us see.|Right.|Okay, next.|Moving on.|Anyway.|In any case,|Well then,|Dear assistant,|Dear team,|To whom it may concern,|Hi all,|Good day,|Salut!|Danke!|Merci!|Gracias!|Grazie!|Obrigado!|Dank je!|Dziękuję!|ありがとう|谢谢|спасибо|teşekkürler|"
    "A neighbour fed the goldfish.|The train has a dining car.|We repainted the gate.|Our street has many bakeries.|It is quiet in the evening.|My pen ran out of ink.|The soup needs pepper.|I like the sound of rain.|She collects sea shells.|The hallway smells of lemon.|He waters the roses at dawn.|I met an old friend.|There is a fair in town.|The stairs creak.|I wear a blue jacket today.|Our clock shows half past nine.|The lake froze in January.|A boat passed under the bridge.|I found a coin on the pavement.|The bakery sold out of rolls.|We sang until late.|Best of health to you.|Catch you later.|Sincerely yours, Mia"
).split("|")

PARAGRAPHS: list[str] = [
    "The village lies between two lakes. In summer the paths are full of cyclists, and in winter the shops close early.", "Our club meets every second Tuesday. We bring cake, talk about books and plan the next trip to the coast.",
    "Tea is grown on hills with plenty of rain. The leaves are picked by hand, dried, and sorted by size before they are packed.", "The new bridge has two lanes and a wide path for walkers. It took three years to build and opened with a small concert.",
    "Last year we repainted the kitchen in a light yellow. The cupboards stayed white, and the old table found a new place by the window.", "When you plan a garden, look first at the light. Some plants like the morning sun, others do better in the shade of a wall.",
    "The first trains on this line carried wood and milk. Today they carry students, and on Saturdays families who visit the market.", "A good soup needs time. Start with onions, add whatever the season offers, and let it simmer while you set the table.",
    "My grandfather kept pigeons on the roof. Every evening he counted them, and he knew each one by name.", "The exhibition shows tools, letters and photographs. Most of them were given by people who live nearby.",
]

SUFFIX_SENTENCES: list[str] = (
    "Much obliged.|With gratitude, Marlene|I owe you one.|That is all from my side.|Enjoy the rest of your afternoon.|The lighthouse has a new coat of paint.|We picked apples all morning.|My aunt collects stamps from islands.|The choir practises on Thursdays.|"
    "Sunlight fell on the wooden floor.|There are ducks on the canal again.|I left my scarf in the tram.|The theatre sells tickets at the door.|Our teapot has a tiny crack.|The mountain hut serves pancakes.|A postcard came from Helsinki.|She planted lavender along the wall.|"
    "He tuned the piano before supper.|Ferries run every half hour.|The orchard needs pruning.|Grandma knits woollen socks.|The bookshop smells of old paper.|We counted seven swans.|Breakfast is served until ten.|The kettle whistles softly.|A gentle breeze moved the curtains.|"
    "I shall read your reply this evening.|Kindest greetings from the whole family.|Wishing you a pleasant journey.|Until next time!|Yours faithfully, R. Holm|Sent from a tablet|Ta very much|cheers mate|appreciated :-)|have a good one|respectfully|xoxo|best of luck|good stuff|fine by me"
).split("|")
SUFFIX_WORDS: list[str] = (
    "pebble|meadow|teaspoon|violin|raincoat|saucer|willow|cinnamon|gallery|blanket|harvest|lantern|marble|orchestra|pancake|quilt|ribbon|sandal|trumpet|umbrella|velvet|walnut|yarn|zebra|almond|basket|candle|daisy|elbow|feather|garlic|hammock|igloo|jasmine|kitten|ladder|muffin|napkin|olive|parsley"
).split("|")


def typos(text: str, rng: random.Random, share: float) -> str:
    """Swaps, drops, doubles or mistypes about `share` of the letters (0..1)."""
    out: list[str] = []
    chars = list(text)
    at = 0
    while at < len(chars):
        char = chars[at]
        if char.isalpha() and rng.random() < share:
            way = rng.randrange(4)
            if way == 0 and at + 1 < len(chars) and chars[at + 1].isalpha():
                out += [chars[at + 1], char]
                at += 2
                continue
            if way == 1:
                at += 1
                continue
            near = NEIGHBOURS.get(char.lower(), char)
            typed = rng.choice(near)
            out += [char, char] if way == 2 else [typed.upper() if char.isupper() else typed]
        else:
            out.append(char)
        at += 1
    return "".join(out)


def casing(text: str, rng: random.Random) -> str:
    """All upper, all lower, title, swapped, or random case."""
    way = rng.randrange(6)
    if way in (0, 1):
        return text.lower()
    if way == 2:
        return text.upper()
    if way == 3:
        return text.title()
    if way == 4:
        return "".join(char.upper() if rng.random() < 0.15 else char for char in text)
    return "".join(rng.choice([char.upper(), char.lower()]) for char in text)


def additions(text: str, rng: random.Random, strength: float) -> str:
    """Harmless sentences or a paragraph before, after, or both."""
    count = 1 + int(rng.random() * 4 * strength)
    pool = ADDITIONS if rng.random() < 0.8 else PARAGRAPHS
    extra = rng.sample(pool, count)
    glue = rng.choice([" ", "\n", "\n\n"])
    cut = rng.choice([0, len(extra), len(extra), len(extra) // 2])
    return glue.join([*extra[len(extra) - cut :][::-1], text, *extra[: len(extra) - cut]]) if rng.random() < 0.5 else glue.join([text, *extra])


def layout(text: str, rng: random.Random) -> str:
    """White space, line breaks and markdown around or between the words."""
    way = rng.randrange(7)
    if way == 0:
        return text.replace(" ", "  ")
    if way == 1:
        return text.replace(". ", ".\n")
    if way == 2:
        return text.replace("\n", " ")
    if way == 3:
        return f"**{text}**"
    if way == 4:
        return "> " + text.replace("\n", "\n> ")
    if way == 5:
        return f"\n\n  {text}\t\n"
    return " ".join(word + ("\n" if rng.random() < 0.06 else "") for word in text.split(" "))


def envelope(text: str, rng: random.Random) -> str:
    """What applications and testers put around a prompt."""
    form = rng.choice(['"{}"', "'{}'", "«{}»", "User: {}", "Prompt: {}", "Q: {}\nA:", "<prompt>{}</prompt>", "```\n{}\n```", "### Instruction:\n{}\n\n### Response:", "Human: {}\n\nAssistant:", "Message 1: {}", "[user] {}", "Input: {}\nOutput:", "{} =>", "1. {}"])
    return form.replace("{}", text)


def noise(text: str, rng: random.Random) -> str:
    """A few look-alike letters or invisible characters."""
    if rng.random() < 0.5:
        return "".join(HOMOGLYPHS[char] if char in HOMOGLYPHS and rng.random() < 0.12 else char for char in text)
    return "".join(char + (rng.choice(INVISIBLE) if rng.random() < 0.05 else "") for char in text)


def augment(text: str, rng: random.Random, strength: float = 0.5) -> str:
    """The text after one to three changes that keep its meaning. strength 0..1 scales how heavy each is."""
    steps: list[tuple[float, Callable[[str], str]]] = [
        (0.3, lambda t: typos(t, rng, 0.005 + 0.05 * strength * rng.random())), (0.2, lambda t: casing(t, rng)), (0.45, lambda t: additions(t, rng, strength)),
        (0.15, lambda t: layout(t, rng)), (0.12, lambda t: envelope(t, rng)), (0.04, lambda t: noise(t, rng)),
    ]
    for share, step in steps:
        if rng.random() < share:
            text = step(text)
    return text


def harmless_suffixes(rng: random.Random, n: int) -> list[str]:
    """n suffixes for the flip-rate evaluation, from words and sentences that training never draws."""
    out = []
    for _ in range(n):
        way = rng.randrange(4)
        if way == 0:
            out.append(" " + rng.choice(SUFFIX_SENTENCES))
        elif way == 1:
            out.append(rng.choice([" ", "\n\n"]) + " ".join(rng.sample(SUFFIX_SENTENCES, rng.randint(2, 5))))
        elif way == 2:
            out.append(" " + " ".join(rng.sample(SUFFIX_WORDS, rng.randint(1, 8))))
        else:
            out.append("\n" + rng.choice(SUFFIX_SENTENCES) + "\n" + rng.choice(SUFFIX_WORDS))
    return out
