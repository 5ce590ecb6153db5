"""The client can be installed, opens without a network, and is never older than its server."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.web.browser import TIMEOUT_MS, Visitors
from tests.web.chat_page import ChatPage
from tests.web.cutting_proxy import CuttingProxy
from tests.web.polling import until

_CONTROLLED = "navigator.serviceWorker.controller?.state === 'activated'"


@pytest.fixture
def installed(visitors: Visitors, proxy: CuttingProxy) -> BrowserContext:
    return visitors.registered(proxy.url, service_workers="allow")


def opened(context: BrowserContext) -> Page:
    """Return a page that its service worker looks after."""
    page = ChatPage(context.new_page()).open().page
    until(page, "the service worker is there", lambda: bool(page.evaluate(_CONTROLLED)))
    return page


def kept(page: Page) -> list[str]:
    """Return the paths of all that the caches hold."""
    paths: list[str] = page.evaluate(
        """async () => {
          const caught = await Promise.all((await caches.keys()).map(async (name) =>
            (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)))
          return caught.flat()
        }"""
    )
    return paths


def test_the_manifest_has_what_an_installation_needs(visitors: Visitors) -> None:
    page = visitors.somebody().new_page()
    page.goto("/login")
    path = page.locator("link[rel=manifest]").get_attribute("href")
    answer = page.request.get(path or "")
    assert answer.headers["content-type"].startswith("application/manifest+json")
    manifest: dict[str, Any] = json.loads(answer.body())
    assert {"name", "short_name", "start_url", "scope", "theme_color"} <= manifest.keys()
    assert manifest["display"] == "standalone"
    sizes = {icon["sizes"] for icon in manifest["icons"]}
    assert {"192x192", "512x512"} <= sizes
    for icon in manifest["icons"]:
        picture = page.request.get(icon["src"])
        assert picture.headers["content-type"].startswith(icon["type"])
    worker = page.request.get("/sw.js")
    assert worker.headers["cache-control"] == "no-cache"


def test_it_opens_without_a_network_and_keeps_no_answer_of_the_api(
    installed: BrowserContext, proxy: CuttingProxy
) -> None:
    page = opened(installed)
    ChatPage(page).ask("What flows?").expect_what_is_stored()
    paths = kept(page)
    assert "/index.html" in paths
    assert not [path for path in paths if re.match(r"/(api|v1|docs|ws)\b", path)]
    proxy.cut()
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    proxy.mend()
    page.get_by_role("button", name="Try again").click()
    expect(ChatPage(page).answers.last).to_be_visible()


def test_somebody_who_is_signed_out_sees_the_shell_without_a_network(
    installed: BrowserContext, proxy: CuttingProxy
) -> None:
    page = opened(installed)
    installed.clear_cookies()
    proxy.cut()
    page.goto("/login")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_new_build_is_offered_and_then_taken(installed: BrowserContext) -> None:
    page = opened(installed)
    page.evaluate("caches.open('rivulet-older').then(() => undefined)")
    # To the browser another address is another version, as other content would be.
    page.evaluate("navigator.serviceWorker.register('/sw.js?newer').then(() => undefined)")
    offer = page.get_by_role("listitem").filter(has_text="A new version of Rivulet is there.")
    with page.expect_navigation(timeout=TIMEOUT_MS):
        offer.get_by_role("button", name="Reload").click()
    expect(ChatPage(page).composer).to_be_visible()
    assert page.evaluate("navigator.serviceWorker.controller.scriptURL").endswith("?newer")
    until(page, "the older cache is gone", lambda: "rivulet-older" not in cache_names(page))


def cache_names(page: Page) -> list[str]:
    names: list[str] = page.evaluate("caches.keys()")
    return names
