"""``/api/conversations`` and what belongs to them: the list, one, its link, and the search."""

from typing import Any

from sanic import HTTPResponse, Request

from gateway.authentication import Principal
from gateway.chat_request import sampling_of
from gateway.conversations.share_tokens import ShareTokens
from gateway.conversations.views import ConversationViews, erasure_shown
from gateway.errors import BadRequest, NotFound
from gateway.json_response import json_response
from gateway.query import flag, place, place_shown, whole_number
from gateway.request_body import read_object
from gateway.request_parsing import typed
from gateway.requests import ConversationChange, FeedbackRequest, NewConversation, ShareRequest
from gateway.responses import ConversationList, Done, SearchResults
from gateway.routes.handlers import reading_body
from gateway.services import Application, Services
from schemas.events import Feedback

_CREATED, _ACCEPTED = 201, 202
_PAGE, _LONGEST_PAGE = 30, 200
_HITS, _MOST_HITS = 20, 50
_PATH = "/api/conversations"
_ONE = f"{_PATH}/<conversation_id>"


def register(app: Application, services: Services) -> None:
    """Add the routes."""
    routes = ConversationRoutes(services)
    app.add_route(routes.page, _PATH, methods=["GET"], name="list_conversations")
    app.add_route(
        reading_body(routes.create),
        _PATH,
        methods=["POST"],
        name="create_conversation",
        stream=True,
    )
    app.add_route(routes.open, _ONE, methods=["GET"], name="read_conversation")
    app.add_route(
        reading_body(routes.change),
        _ONE,
        methods=["PATCH"],
        name="change_conversation",
        stream=True,
    )
    app.add_route(
        reading_body(routes.give_feedback),
        f"{_ONE}/messages/<message_id>/feedback",
        methods=["PUT"],
        name="give_feedback",
        stream=True,
    )
    app.add_route(routes.delete, _ONE, methods=["DELETE"], name="delete_conversation")
    app.add_route(
        reading_body(routes.share),
        f"{_ONE}/share",
        methods=["POST"],
        name="share_conversation",
        stream=True,
    )
    app.add_route(routes.unshare, f"{_ONE}/share", methods=["DELETE"], name="unshare_conversation")
    app.add_route(routes.search, "/api/search", methods=["GET"], name="search")
    app.add_route(routes.shared, "/api/shared/<token>", methods=["GET"], name="read_shared")


class ConversationRoutes:
    """Answers about the conversations of whoever asks."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._conversations = services.conversations
        self._tokens = ShareTokens(services.secret)
        self._views = ConversationViews(self._tokens)

    async def page(self, request: Request) -> HTTPResponse:
        """List conversations, newest first after the pinned ones, a page at a time."""
        principal = await self._caller(request)
        page = await self._conversations.page(
            principal.user_id,
            archived=flag(request, "archived"),
            after=place(request),
            limit=whole_number(request, "limit", _PAGE, _LONGEST_PAGE),
        )
        data = [self._views.summary(conversation) for conversation in page.conversations]
        return json_response(ConversationList(data=data, next=place_shown(page.following)))

    async def create(self, request: Request) -> HTTPResponse:
        """Make a conversation, with a system prompt and defaults for its prompts."""
        principal = await self._caller(request)
        wanted = typed(await self._body(request), NewConversation)
        made = await self._conversations.create(
            principal.user_id,
            title=_title(wanted.title) or "",
            model=wanted.model or "",
            system=wanted.system or "",
            sampling=None if wanted.params is None else sampling_of(wanted.params, "params."),
        )
        return json_response(self._views.detail(made), _CREATED)

    async def open(self, request: Request, conversation_id: str) -> HTTPResponse:
        """Show a conversation with all of its messages."""
        principal = await self._caller(request)
        opened = await self._conversations.open(principal.user_id, conversation_id)
        return json_response(self._views.opened(opened))

    async def change(self, request: Request, conversation_id: str) -> HTTPResponse:
        """Rename, pin, archive, choose a branch, or set the defaults of prompts."""
        principal = await self._caller(request)
        wanted = typed(await self._body(request), ConversationChange)
        params = wanted.params
        changed = await self._conversations.change(
            principal.user_id,
            conversation_id,
            title=_title(wanted.title),
            model=wanted.model,
            system=wanted.system,
            sampling=None if params is None else sampling_of(params, "params."),
            pinned=wanted.pinned,
            archived=wanted.archived,
            leaf_id=wanted.leaf_id,
        )
        return json_response(self._views.detail(changed))

    async def give_feedback(
        self, request: Request, conversation_id: str, message_id: str
    ) -> HTTPResponse:
        """Keep what the user thinks of an answer."""
        principal = await self._caller(request)
        given = typed(await self._body(request), FeedbackRequest)
        feedback = Feedback(message_id=message_id, rating=given.rating, reason=given.reason)
        await self._conversations.give_feedback(principal.user_id, conversation_id, feedback)
        return json_response(Done())

    async def delete(self, request: Request, conversation_id: str) -> HTTPResponse:
        """Erase a conversation from the store and from the logs, and report what was removed."""
        principal = await self._caller(request)
        report = await self._conversations.delete(principal.user_id, conversation_id)
        status = _ACCEPTED if report is None else 200
        return json_response(erasure_shown(report), status)

    async def share(self, request: Request, conversation_id: str) -> HTTPResponse:
        """Make a public link to a branch; an earlier link to this conversation ends."""
        principal = await self._caller(request)
        wanted = typed(await self._body(request), ShareRequest)
        shared = await self._conversations.share(principal.user_id, conversation_id, wanted.leaf_id)
        return json_response(self._views.detail(shared), _CREATED)

    async def unshare(self, request: Request, conversation_id: str) -> HTTPResponse:
        """Take the public link back."""
        principal = await self._caller(request)
        await self._conversations.change(
            principal.user_id, conversation_id, share_id="", share_leaf_id=""
        )
        return json_response(Done())

    async def search(self, request: Request) -> HTTPResponse:
        """Find conversations by words and quoted phrases of their titles and messages."""
        principal = await self._caller(request)
        text = request.args.get("q")
        if text is None:
            raise BadRequest("`q` is required: the words to search for.", param="q")
        limit = whole_number(request, "limit", _HITS, _MOST_HITS)
        hits = await self._conversations.search(principal.user_id, text, limit)
        return json_response(SearchResults(data=[self._views.hit(hit) for hit in hits]))

    async def shared(self, request: Request, token: str) -> HTTPResponse:
        """Show what a public link leads to; anybody may ask."""
        del request
        share_id = self._tokens.share_id(token)
        opened = None if share_id is None else await self._conversations.shared(share_id)
        if opened is None:
            raise NotFound("There is nothing at this link; its owner may have taken it back.")
        headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
        return json_response(self._views.shared(opened), headers=headers)

    async def _caller(self, request: Request) -> Principal:
        return await self._services.callers.caller(request)

    async def _body(self, request: Request) -> dict[str, Any]:
        return await read_object(request, self._services.settings.max_body_bytes)


def _title(title: str | None) -> str | None:
    if title is not None and not title.strip():
        raise BadRequest("`title` must have more than spaces; leave it out.", param="title")
    return title
