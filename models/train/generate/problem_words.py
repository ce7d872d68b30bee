"""What the exercises of every subject share: numbers, people, and the phrases around a question."""

from __future__ import annotations

from generate.grammar import Pool

SHARED: dict[str, Pool] = {
    "n": lambda g: str(g.rng.randint(2, 9)),
    "nn": lambda g: str(g.rng.randint(10, 99)),
    "nnn": lambda g: str(g.rng.choice([10, 25, 50, 5]) * g.rng.randint(4, 38)),
    "d": lambda g: f"{g.rng.randint(1, 19)}.{g.rng.randint(1, 9)}",
    "dd": lambda g: f"0.{g.rng.randint(1, 95):02d}",
    "pct": lambda g: f"{g.rng.choice([2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 20, 25, 30, 35, 40, 45, 60, 75, 80])}{g.rng.choice(['%', ' percent', '%'])}",
    "k": lambda g: f"{g.rng.randint(2, 95)},{g.rng.choice(['000', '500', '000', '250'])}",
    "year": lambda g: str(g.rng.randint(1905, 2022)),
    "who": "Amara Boris Chen Dalia Emil Fatima Gareth Hana Igor Joana Kofi Lena Mateo Nadia Olaf Priya Quentin Rosa Samir Tessa Umar Vera Wanda Yusuf Zoe Arthur Beatrix Callum Dorothy Edwin".split(),
    "mr": "[Mr.|Ms.|Mrs.|Dr.|] [Abara|Bellamy|Castellano|Dvorak|Eriksen|Fairchild|Greaves|Haddad|Ionescu|Jarvis|Kowalski|Lindqvist|Mbeki|Navarro|Okafor|Petrov|Quist|Rourke|Sandoval|Thorne|Ueda|Varga|Whitlock|Yilmaz|Zeller]".split("\n"),
    "firm": "[Brightwater|Calder|Dunmore|Evergrove|Fennimore|Halcyon|Ironbridge|Juniper|Keystone|Larkspur|Meridian|Northgate|Orchard|Pinnacle|Redfern|Silverlake|Tamarack|Vantage|Westbrook] [Industries|Foods|Holdings|Motors|Textiles|Logistics|Software|Partners|Pharma|Energy|Inc.|Ltd.|Corp.|and Sons]".split("\n"),
}

# Around a question of any subject: nothing here may tell the subject.
BEFORE = [
    "[Solve|Answer] [this|the following][ question| problem|]: ", "I'm stuck on this [exercise|one|problem]: ", "[Question|Q|Problem|Exercise] {n}[.|:|)] ", "{n}.{nn} ", "[Can you|Could you|please] help me with [my homework|this]? ", "[hey|Hi], [quick question|one for you]: ",
    "[Exam|Quiz|Test] question: ", "Choose the [best|right] answer. ", "Give a [short|brief|detailed] answer: ", "My teacher asked this [today|in class]: ", "For my exam tomorrow: ", "Think step by step. ", "Q: ", "What's the answer to this? ", "[True or false|Discuss|Explain your reasoning]: ",
]
AFTER = [
    " Show [your work|all steps].", " [Explain|Justify|Give reasons for] your answer.", " Answer with the letter only.", " [thanks|Thanks!]", " Keep it short.", "\nAnswer:", "\nA:", " Give an example.", " [Explain like I'm five.|Explain it simply.]", " I have no idea where to start.", " Why?", "\n\nThink it through before you answer.",
]
HOMEWORK = ["[Help me with|Check] my {course} [homework|assignment|worksheet]: ", "{Course} [question|exercise]: ", "[I study|I'm revising] {course} and got this: "]
OF_PROSE = ["[Summarise|Explain|Rephrase|Simplify] this [paragraph|passage|text]: ", "[Is this right|Is this correct]? ", "What [follows from|is meant by] this: ", "Write a quiz question about this text: ", "Fill the gaps in my notes: ", "Translate into Spanish: "]
