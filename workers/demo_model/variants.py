"""Ask the same question in other ways: the model must not depend on one spelling.

People write in lower case, leave out the question mark, make typos and start
with "hey". Each function takes one habit; all randomness comes from the caller.
"""

import random
import re

# Questions shorter than this are greetings and the like: "hey, hi" or "sorry, no"
# would mean something else.
MIN_WORDS_TO_DECORATE = 3

OPENERS = (
    "please ", "can you tell me ", "could you tell me ", "hey, ", "hi, ", "hello, ", "ok, ",
    "okay ", "so ", "and ", "now ", "well, ", "quick question: ", "I have a question: ",
    "tell me, ", "one more thing: ", "another question: ", "I want to know ", "but ", "hmm, ",
    "I wonder, ", "Just curious: ", "do you know ", "my question is: ", "can you ", "I wanna ",
)  # fmt: skip
CLOSERS = (
    " please",
    ", please",
    " thanks",
    " for me",
    " then",
    " exactly",
    " now",
    " again",
    " pls",
)
ENDINGS = ("", "", "", "?", "?", "?", "!", ".", "??", " ?", "?!", "...")
REWRITES = (
    ("what is", ("what's", "whats", "what exactly is", "what actually is", "explain what is")),
    ("what are", ("what're", "what exactly are", "explain what are")),
    ("what does", ("what exactly does", "what would")),
    ("what happens when", ("what happens if", "what if", "what happens after", "and if")),
    ("what happens if", ("what happens when", "what if", "what will happen when", "so if")),
    ("what if", ("what happens if", "what happens when")),
    (
        "how do i",
        ("how can i", "how to", "how do you", "how would i", "how should i", "how can we"),
    ),
    ("how to", ("how do i", "how can i", "what is the way to")),
    ("can i", ("is it possible to", "may i", "could i", "can we", "can one")),
    (
        "is there",
        ("do you have", "does it have", "is there some", "are there", "does rivulet have"),
    ),
    ("where is", ("where do i find", "where's", "where can i find", "where are")),
    ("which", ("what",)),
    ("explain", ("describe", "tell me about", "can you explain")),
    ("tell me", ("give me", "say", "could you tell me", "i want to hear")),
    ("start", ("launch", "run", "boot", "start up")),
    ("delete", ("remove", "erase")),
    ("dies", ("crashes", "dies", "is killed", "goes down", "fails", "disappears", "stops")),
    ("crashes", ("dies", "is killed", "goes down", "fails", "breaks")),
    ("colour", ("color",)),
    ("rivulet", ("it", "this", "the platform", "this thing")),
)
DROPPABLE = {"the", "a", "an", "is", "do", "does", "i", "to", "of", "are", "my", "please", "you"}


def variant(question: str, rng: random.Random) -> str:
    """Return ``question`` as somebody else would have typed it."""
    if rng.random() < 0.45:
        return question
    long_enough = len(question.split()) >= MIN_WORDS_TO_DECORATE
    if long_enough and rng.random() < 0.35:
        question = _rewritten(question, rng)
    if long_enough and rng.random() < 0.15:
        question = _shortened(question, rng)
    if long_enough and rng.random() < 0.3:
        question = _decorated(question, rng)
    if rng.random() < (0.3 if long_enough else 0.1):
        question = _mistyped(question, rng)
    return _recased(_repunctuated(question, rng), rng)


def _rewritten(question: str, rng: random.Random) -> str:
    fitting = [pair for pair in REWRITES if re.search(rf"(?i)\b{pair[0]}\b", question)]
    if not fitting:
        return question
    phrase, others = rng.choice(fitting)
    return re.sub(rf"(?i)\b{phrase}\b", rng.choice(others), question, count=1)


def _shortened(question: str, rng: random.Random) -> str:
    words = question.split(" ")
    places = [place for place, word in enumerate(words) if word.lower() in DROPPABLE]
    if places:
        del words[rng.choice(places)]
    return " ".join(words)


def _decorated(question: str, rng: random.Random) -> str:
    body = question.rstrip("?!. ")
    if rng.random() < 0.7:
        return rng.choice(OPENERS) + body[0].lower() + body[1:]
    return body + rng.choice(CLOSERS)


def _mistyped(question: str, rng: random.Random) -> str:
    """Swap, drop, double or replace a letter; digits stay, for they are the question."""
    places = [place for place in range(1, len(question) - 1) if question[place].isalpha()]
    if len(places) < 4:
        return question
    typos = 2 if len(places) > 20 and rng.random() < 0.3 else 1
    # From the right, so that a typo does not move the places that come before it.
    for place in sorted(rng.sample(places, typos), reverse=True):
        here, following = question[place], question[place + 1 : place + 2]
        letter = rng.choice("abcdefghijklmnopqrstuvwxyz")
        typo = rng.choice(
            (following + here, following, here + here + following, letter + following)
        )
        question = question[:place] + typo + question[place + 2 :]
    return question


def _repunctuated(question: str, rng: random.Random) -> str:
    return (question.rstrip("?!. ") or question) + rng.choice(ENDINGS)


def _recased(question: str, rng: random.Random) -> str:
    dice = rng.random()
    if dice < 0.5:
        return question.lower()
    if dice < 0.55:
        return question.upper()
    return question[:1].upper() + question[1:] if dice < 0.8 else question
