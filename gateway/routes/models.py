"""``GET /v1/models``: the models that prompts may name."""

from urllib.parse import unquote

from sanic import HTTPResponse, Request

from gateway.errors import ModelNotFound
from gateway.json_response import json_response
from gateway.model_directory import ModelState
from gateway.responses import Model, ModelList
from gateway.services import Application, Services


def register(app: Application, services: Services) -> None:
    """Add the routes."""
    models = Models(services)
    app.add_route(models.list, "/v1/models", methods=["GET"], name="list_models")
    # Ids of hub models contain slashes.
    app.add_route(models.get, "/v1/models/<model:path>", methods=["GET"], name="retrieve_model")


class Models:
    """Answers from the model directory."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list(self, request: Request) -> HTTPResponse:
        """Return every known model."""
        await self._services.callers.caller(request)
        models = await self._services.models.all()
        return json_response(ModelList(data=[_model(model) for model in models]))

    async def get(self, request: Request, model: str) -> HTTPResponse:
        """Return one model; clients may write its slashes as %2F."""
        await self._services.callers.caller(request)
        found = await self._services.models.find(unquote(model))
        if found is None:
            raise ModelNotFound(param="model")
        return json_response(_model(found))


def _model(state: ModelState) -> Model:
    return Model(id=state.model, ready=state.ready, max_model_len=state.max_model_len)
