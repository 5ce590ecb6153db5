"""Whatever breaks in mid-stream, the page ends with exactly the text that is stored."""

from playwright.sync_api import BrowserContext, expect

from tests.support.stack_process import StackProcess
from tests.web.browser import Visitors
from tests.web.chat_page import ChatPage
from tests.web.cutting_proxy import CuttingProxy
from tests.web.long_prompts import long_prompt
from tests.web.stack_parts import kill_part, stop_part


def begun(context: BrowserContext) -> ChatPage:
    """Return a chat in which an answer of some seconds has begun."""
    chat = ChatPage(context.new_page()).open().ask(long_prompt())
    chat.wait_for_words()
    return chat


def test_a_reload_in_mid_stream_goes_on_where_it_was(context: BrowserContext) -> None:
    chat = begun(context)
    before = chat.shown()
    chat.page.reload()
    chat.wait_for_words(1)
    assert chat.expect_what_is_stored().split()[: len(before.split()) - 1] == before.split()[:-1]


def test_a_lost_network_is_waited_for(visitors: Visitors, proxy: CuttingProxy) -> None:
    context = visitors.registered(proxy.url)
    chat = begun(context)
    proxy.cut()
    context.set_offline(True)
    expect(chat.page.get_by_role("status").filter(has_text="The answer goes on")).to_be_visible()
    before = chat.shown()
    proxy.mend()
    context.set_offline(False)
    chat.expect_what_is_stored()
    assert len(chat.shown()) > len(before)


def test_connections_that_break_off_again_and_again_lose_and_repeat_nothing(
    visitors: Visitors, proxy: CuttingProxy
) -> None:
    chat = begun(visitors.registered(proxy.url))
    for _ in range(3):
        shown = chat.shown()
        proxy.cut()
        proxy.mend()
        chat.wait_for_words(10, more_than=shown)
    chat.expect_what_is_stored()


def test_another_worker_takes_over_from_a_killed_one(
    stack: StackProcess, context: BrowserContext
) -> None:
    chat = begun(context)
    kill_part(stack, "workers")
    chat.expect_what_is_stored()


def test_a_gateway_is_restarted_in_mid_stream(stack: StackProcess, context: BrowserContext) -> None:
    chat = begun(context)
    stop_part(stack, "gateway")
    chat.expect_what_is_stored()


def test_a_gateway_is_killed_in_mid_stream(stack: StackProcess, context: BrowserContext) -> None:
    chat = begun(context)
    kill_part(stack, "gateway")
    chat.expect_what_is_stored()
