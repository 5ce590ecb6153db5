"""Train the demo model from scratch: ``python -m workers.demo_model.train``.

Takes a few minutes on two CPU cores, checks itself at the end and writes
``weights/``. It fails, and writes nothing, when too few answers are exact.
"""

import argparse
import math
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoTokenizer, GenerationConfig, LlamaConfig, LlamaForCausalLM

from workers.demo_model import chat_format
from workers.demo_model.chat_format import END, PAD, token_id
from workers.demo_model.corpus import every_text, load_corpus
from workers.demo_model.dialogues import Dialogue, DialogueMaker
from workers.demo_model.examination import examination, examine, padded

WEIGHTS = Path(__file__).with_name("weights")
SEED = 7
CONTEXT = 2048
STEPS = 900
WARMUP_STEPS = 50
PEAK_LEARNING_RATE = 4e-3
BATCH_TOKENS = 4096
# One batch in this many holds long histories; the others are one or two turns.
LONG_EVERY = 4
REQUIRED_EXACT = 0.98


def model_config(tokenizer: Tokenizer) -> LlamaConfig:
    """Return the shape: as small as still learns the corpus by heart."""
    return LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=192,
        intermediate_size=512,
        num_hidden_layers=4,
        num_attention_heads=3,
        num_key_value_heads=3,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        initializer_range=0.04,
        bos_token_id=None,
        eos_token_id=token_id(tokenizer, END),
        pad_token_id=token_id(tokenizer, PAD),
    )


def batches(maker: DialogueMaker, rng: random.Random) -> Iterator[list[Dialogue]]:
    """Yield batches for ever, dialogues of similar length together."""
    while True:
        short = [maker.dialogue(rng.choice((1, 1, 1, 2)), 400) for _ in range(400)]
        ready = list(_cut(sorted(short, key=lambda talk: len(talk.ids))))
        ready += [_long_batch(maker, rng) for _ in range(len(ready) // (LONG_EVERY - 1))]
        rng.shuffle(ready)
        yield from ready


def _long_batch(maker: DialogueMaker, rng: random.Random) -> list[Dialogue]:
    """Histories up to the whole context: attention must still find the last question there."""
    tokens = rng.choice((384, 384, 768, 768, 1100, CONTEXT))
    return [maker.dialogue(99, tokens) for _ in range(max(1, BATCH_TOKENS // tokens))]


def _cut(talks: Sequence[Dialogue]) -> Iterator[list[Dialogue]]:
    batch: list[Dialogue] = []
    for talk in talks:
        if batch and (len(batch) + 1) * len(talk.ids) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(talk)
    yield batch


def loss_of(model: LlamaForCausalLM, batch: Sequence[Dialogue]) -> torch.Tensor:
    """Return the weighted mean loss over the assistant's tokens, the only ones computed."""
    ids = padded([talk.ids[:CONTEXT] for talk in batch], torch.long)
    weights = padded([talk.weights[:CONTEXT] for talk in batch], torch.float)[:, 1:]
    learned = weights > 0
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.model(input_ids=ids[:, :-1], use_cache=False).last_hidden_state
        logits = model.lm_head(hidden[learned])
    losses = torch.nn.functional.cross_entropy(
        logits.float(), ids[:, 1:][learned], reduction="none"
    )
    return (losses * weights[learned]).sum() / weights.sum()


def learning_rate(step: int, steps: int) -> float:
    """Return the rate of a step: a short rise, then half a cosine down to nothing."""
    if step < WARMUP_STEPS:
        return PEAK_LEARNING_RATE * (step + 1) / WARMUP_STEPS
    return PEAK_LEARNING_RATE * 0.5 * (1 + math.cos(math.pi * step / steps))


def fit(model: LlamaForCausalLM, source: Iterator[list[Dialogue]], steps: int) -> None:
    """Train for ``steps`` steps and print the loss as it falls."""
    optimizer = torch.optim.AdamW(model.parameters(), betas=(0.9, 0.98), weight_decay=0.05)
    started, smooth = time.monotonic(), 0.0
    for step in range(steps):
        loss = loss_of(model, next(source))
        model.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, steps)
        optimizer.step()
        smooth = loss.item() if step == 0 else 0.95 * smooth + 0.05 * loss.item()
        if step % 50 == 49:
            print(
                f"step {step + 1}/{steps} loss {smooth:.4f} {time.monotonic() - started:.0f} s",
                flush=True,
            )


def save(model: LlamaForCausalLM, tokenizer: Tokenizer, folder: Path) -> None:
    """Write everything that vLLM needs to serve the model."""
    chat_format.save_tokenizer(tokenizer, folder, CONTEXT)
    # Nearly greedy: a toy has one answer to a question, and should give it.
    model.generation_config = GenerationConfig(
        do_sample=True,
        temperature=0.2,
        top_p=0.9,
        bos_token_id=None,
        eos_token_id=model.config.eos_token_id,
        pad_token_id=model.config.pad_token_id,
    )
    model.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)


def refuse_other_template(tokenizer: Tokenizer, folder: Path) -> None:
    """Fail when the saved template renders anything but what the model was trained on."""
    fast = AutoTokenizer.from_pretrained(folder)
    chat = [{"role": "user", "content": "Hello"}]
    rendered = fast.apply_chat_template(chat, add_generation_prompt=True, return_dict=False)
    trained = chat_format.turn_ids(tokenizer, chat_format.USER, "Hello")
    if rendered != [*trained, token_id(tokenizer, chat_format.ASSISTANT)]:
        raise SystemExit("The chat template does not render what the model was trained on.")


def main() -> int:
    """Train, check, write; the exit status says whether the model is good enough to ship."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(SEED)
    torch.set_num_threads(options.threads)
    rng = random.Random(SEED)
    entries = load_corpus()
    tokenizer = chat_format.train_tokenizer(every_text(entries))
    model = LlamaForCausalLM(model_config(tokenizer))
    print(f"{len(entries)} answers, {model.num_parameters():,} parameters", flush=True)
    fit(model, batches(DialogueMaker(entries, tokenizer, rng), rng), options.steps)
    # Half the size, and what vLLM computes in: so it is what is examined.
    model = model.to(torch.bfloat16).eval()
    if examine(model, examination(entries, tokenizer)) < REQUIRED_EXACT:
        print(f"Fewer than {REQUIRED_EXACT:.0%} are exact: nothing was written.", file=sys.stderr)
        return 1
    save(model, tokenizer, options.out)
    refuse_other_template(tokenizer, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
