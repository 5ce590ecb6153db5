"""One stack and one browser for all tests of the web client; each test has people of its own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from compose.install import Environment
from compose.web_client import ensure_built
from tests.support.stack_process import StackProcess
from tests.web.browser import Visitors, started_browser
from tests.web.cutting_proxy import CuttingProxy


# Not for the session: while Playwright's synchronous side is open no asyncio test can run.
@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StackProcess]:
    """Scripted replies of a few seconds; a killed worker's prompts move on after two."""
    ensure_built(Environment(Path(sys.prefix)))
    stack = StackProcess(
        tmp_path_factory.mktemp("web") / "data",
        ENGINE="scripted",
        SCRIPTED_TOKENS_PER_S="40",
        ACK_WAIT_S="2",
        REGISTRATION="open",
    ).start()
    yield stack
    stack.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with started_browser() as browser:
        yield browser


@pytest.fixture
def visitors(browser: Browser, stack: StackProcess) -> Iterator[Visitors]:
    """Opens browsers of people; at the end of the test no page may have failed in any."""
    visitors = Visitors(browser, stack.url)
    yield visitors
    visitors.close()
    assert visitors.trouble == []


@pytest.fixture
def context(visitors: Visitors) -> BrowserContext:
    """A browser of somebody who has registered."""
    return visitors.registered()


@pytest.fixture
def proxy(stack: StackProcess) -> Iterator[CuttingProxy]:
    """A way to the stack that can be cut."""
    with CuttingProxy(stack.port) as proxy:
        yield proxy
