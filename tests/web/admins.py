"""An admin for screens that only admins see; how the first one comes to be the story tells."""

from typing import Any

import pymongo
from playwright.sync_api import BrowserContext

from schemas.documents import ACCOUNTS_DATABASE, USERS
from tests.support.stack_process import StackProcess
from tests.web.browser import PASSWORD, TIMEOUT_MS, Visitors, register


def admin(visitors: Visitors, stack: StackProcess, **options: Any) -> BrowserContext:
    """Return the browser of an admin."""
    context = visitors.somebody(**options)
    email = register(context, stack.url)
    me = context.request.get("/api/me").json()["user_id"]
    with pymongo.MongoClient[dict[str, Any]](stack.stack_settings["RIVULET_MONGO_URL"]) as store:
        users = store[ACCOUNTS_DATABASE][USERS]
        assert users.update_one({"_id": me}, {"$set": {"role": "admin"}}).modified_count == 1
    # The session says who somebody was when it began.
    body = {"email": email, "password": PASSWORD, "session": "cookie", "device": ""}
    answer = context.request.post(
        "/api/auth/login", data=body, headers={"Origin": stack.url}, timeout=TIMEOUT_MS
    )
    assert answer.json()["user"]["role"] == "admin", answer.text()
    return context
