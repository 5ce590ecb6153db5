"""Examine the model on how many questions it answers word for word.

Greedy decoding says exactly the learned answer if, and only if, at each of its
tokens the most likely next token is the right one. So one pass over question
and answer decides it, without generating anything.
"""

import random
from collections.abc import Iterator, Sequence

import torch
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM

from workers.demo_model.chat_format import ASSISTANT, SYSTEM, USER, turn_ids
from workers.demo_model.corpus import Entry, every_question
from workers.demo_model.dialogues import SYSTEM_PROMPTS, Dialogue
from workers.demo_model.variants import variant

ROWS = 32
# Not the seed of the training: the questions' slots and variants must be new.
SEED = 8
Papers = dict[str, list[Dialogue]]


def padded(rows: Sequence[Sequence[float]], dtype: torch.dtype) -> torch.Tensor:
    """Return the rows as one tensor, filled up with zeros on the right."""
    longest = max(len(row) for row in rows)
    return torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows], dtype=dtype)


def exact_answers(model: LlamaForCausalLM, dialogues: Sequence[Dialogue]) -> list[bool]:
    """Say for each dialogue whether its learned tokens would all be said."""
    order = sorted(range(len(dialogues)), key=lambda place: len(dialogues[place].ids))
    verdicts = dict(_verdicts(model, dialogues, order))
    return [verdicts[place] for place in range(len(dialogues))]


def _verdicts(
    model: LlamaForCausalLM, dialogues: Sequence[Dialogue], order: Sequence[int]
) -> Iterator[tuple[int, bool]]:
    for start in range(0, len(order), ROWS):
        places = order[start : start + ROWS]
        ids = padded([dialogues[place].ids for place in places], torch.long)
        learned = padded([dialogues[place].weights for place in places], torch.float)[:, 1:] > 0
        with torch.inference_mode():
            said = model(input_ids=ids, use_cache=False).logits[:, :-1].argmax(-1)
        right = ((said == ids[:, 1:]) | ~learned).all(dim=1)
        yield from zip(places, right.tolist(), strict=True)


def examination(entries: Sequence[Entry], tokenizer: Tokenizer) -> Papers:
    """Return the questions to be asked at the end: plain, misspelt, and after other turns."""
    rng = random.Random(SEED)
    asked = list(every_question(entries, rng))
    papers: Papers = {"plain": [], "varied": [], "after other turns": []}
    for entry, question in asked:
        earlier = rng.sample(asked, rng.randrange(1, 4))
        papers["plain"].append(_paper(tokenizer, [(entry, question)]))
        papers["varied"].append(_paper(tokenizer, [(entry, variant(question, rng))]))
        papers["after other turns"].append(
            _paper(tokenizer, [*earlier, (entry, question)], prompted=True)
        )
    return papers


def _paper(
    tokenizer: Tokenizer, turns: Sequence[tuple[Entry, str]], *, prompted: bool = False
) -> Dialogue:
    talk = Dialogue()
    if prompted:
        talk.read(turn_ids(tokenizer, SYSTEM, SYSTEM_PROMPTS[0]))
    for place, (entry, question) in enumerate(turns):
        talk.read(turn_ids(tokenizer, USER, question))
        answer = turn_ids(tokenizer, ASSISTANT, entry.answer)
        (talk.learn if place == len(turns) - 1 else talk.read)(answer)
    return talk


def examine(model: LlamaForCausalLM, papers: Papers) -> float:
    """Print the share of exact answers of each kind; return that of the plain questions."""
    shares: dict[str, float] = {}
    for name, talks in papers.items():
        verdicts = exact_answers(model, talks)
        shares[name] = float(sum(verdicts) / len(verdicts))
        print(f"exact, {name}: {shares[name]:.1%} of {len(verdicts)}", flush=True)
    return shares["plain"]
