"""A conversation of many messages: the time until it can be read, and how it scrolls."""

from typing import NamedTuple

from playwright.sync_api import expect

from tests.web.browser import Visitors
from tests.web.chat_page import ChatPage
from tests.web.hostile_texts import import_answers
from tests.web.screens import SHOWPIECE

_TITLE = "a thousand"
# From the click on its entry to the frame that shows its last answer.
_OPEN = """async ([title, last]) => {
  const link = [...document.querySelectorAll('a')].find((a) => a.textContent.includes(title))
  const begun = performance.now()
  link.click()
  for (;;) {
    await new Promise(requestAnimationFrame)
    if (document.querySelector('[role=log]')?.textContent.includes(last)) break
  }
  await new Promise(requestAnimationFrame)
  return performance.now() - begun
}"""
# Up through what has not been shown yet, as a fast wheel does: 100 px a frame for five seconds.
_SCROLL = """async () => {
  let box = document.querySelector('[role=log]')
  while (box.scrollHeight <= box.clientHeight + 1 || getComputedStyle(box).overflowY === 'visible')
    box = box.parentElement
  const begun = performance.now()
  let frames = 0
  while (performance.now() - begun < 5_000) {
    box.scrollBy({ top: -100, behavior: 'instant' })
    await new Promise(requestAnimationFrame)
    frames += 1
  }
  return frames / ((performance.now() - begun) / 1_000)
}"""


class Measured(NamedTuple):
    """Of one conversation."""

    open_ms: float
    frames_per_s: float


def measure_conversation(visitors: Visitors, messages: int) -> Measured:
    """Open a conversation from the list, and scroll up in it."""
    context = visitors.registered()
    answers = [f"{SHOWPIECE}\n\nThis is answer {index}." for index in range(messages // 2)]
    import_answers(context, visitors.url, _TITLE, answers)
    chat = ChatPage(context.new_page()).open()
    expect(chat.page.get_by_role("link", name=_TITLE)).to_be_visible()
    open_ms = chat.page.evaluate(_OPEN, [_TITLE, f"This is answer {len(answers) - 1}."])
    frames = chat.page.evaluate(_SCROLL)
    return Measured(float(open_ms), float(frames))
