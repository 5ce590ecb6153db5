"""How a chat becomes tokens: the roles, the template and the tokenizer.

The template here is the one that is shipped, and training renders its dialogues
with ``turn_ids``. ``train.py`` compares the two, because a model that was trained
on another format than it is served with answers nonsense.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

SYSTEM, USER, ASSISTANT, END, PAD = (
    "<|system|>", "<|user|>", "<|assistant|>", "<|end|>", "<|pad|>",
)  # fmt: skip
SPECIAL_TOKENS = (PAD, END, SYSTEM, USER, ASSISTANT)
# Small on purpose: with a larger one each word would be a token of its own, and
# a misspelt word would have nothing in common with the right one.
VOCABULARY = 2048

# Unknown roles count as the user's: a client's "tool" message must not crash the
# worker. Role markers inside a text are broken up, or a user could speak for us.
CHAT_TEMPLATE = """\
{%- macro text(content) -%}
{%- if content is string -%}{{ content | trim | replace('<|', '< |') }}
{%- elif content -%}
{%- for part in content -%}{{ (part.text or '') | trim | replace('<|', '< |') }}{%- endfor -%}
{%- endif -%}
{%- endmacro -%}
{%- for message in messages -%}
{%- if message.role == 'assistant' -%}<|assistant|>
{%- elif message.role in ('system', 'developer') -%}<|system|>
{%- else -%}<|user|>
{%- endif -%}
{{ text(message.content) }}<|end|>
{%- endfor -%}
{%- if add_generation_prompt -%}<|assistant|>{%- endif -%}
"""


def train_tokenizer(texts: Iterable[str]) -> Tokenizer:
    """Learn a byte-level BPE: every string has tokens, and decodes to itself."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def with_dropout(tokenizer: Tokenizer, share: float) -> Tokenizer:
    """Return a copy that skips merges at random, so that the model sees words cut differently."""
    copy = Tokenizer.from_str(tokenizer.to_str())
    copy.model.dropout = share
    return copy


def token_id(tokenizer: Tokenizer, token: str) -> int:
    """Return the number of a special token."""
    number = tokenizer.token_to_id(token)
    if number is None:
        raise KeyError(token)
    return int(number)


def turn_ids(tokenizer: Tokenizer, role: str, text: str) -> list[int]:
    """Return the tokens of one message, its role marker and end marker included."""
    return [
        token_id(tokenizer, role),
        *tokenizer.encode(text).ids,
        token_id(tokenizer, END),
    ]


def save_tokenizer(tokenizer: Tokenizer, folder: Path, context: int) -> None:
    """Write the tokenizer and its template where vLLM and transformers look for them.

    By hand, because transformers writes the name of a class that only the
    version that wrote it knows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": END,
        "pad_token": PAD,
        "model_max_length": context,
        "clean_up_tokenization_spaces": False,
    }
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE)
