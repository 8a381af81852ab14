"""The documentation and Great Expectations' Data Docs in Airflow's menu, for signed-in users."""

from pathlib import Path

from airflow.plugins_manager import AirflowPlugin
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from social_crm.documentation import pages
from social_crm.quality import data_docs_site
from social_crm.settings import load_settings


async def require_user(request: Request) -> None:
    """Refuse anybody not signed in to Airflow."""
    # Every Airflow process imports this file; only the API server needs the API's own modules.
    from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
    from airflow.api_fastapi.core_api.security import resolve_user_from_token

    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer if scheme.lower() == "bearer" else request.cookies.get(COOKIE_NAME_JWT_TOKEN)
    await resolve_user_from_token(token)


data_docs = FastAPI(title="Data Docs", docs_url=None, redoc_url=None, openapi_url=None)
documentation = FastAPI(title="Documentation", docs_url=None, redoc_url=None, openapi_url=None)


@data_docs.get("/{path:path}", dependencies=[Depends(require_user)], response_model=None)
def show_data_docs(path: str) -> Response:
    """Return one page or file of Data Docs."""
    found = data_docs_site.page(load_settings().data_docs_dir, path)
    return _answer(found, "There is no such page; only the latest check of each table is kept.")


@documentation.get("/{path:path}", dependencies=[Depends(require_user)], response_model=None)
def show_documentation(path: str) -> Response:
    """Return one page or file of the documentation."""
    found = pages.page(load_settings().documentation_dir, path)
    return _answer(found, "There is no such page; the index of the documentation lists what there is.")


def _answer(found: str | Path | None, absence: str) -> Response:
    if found is None:
        raise HTTPException(404, absence)
    return HTMLResponse(found) if isinstance(found, str) else FileResponse(found)


class WarehouseLinks(AirflowPlugin):
    """Registers both sites and their menu entries."""

    name = "warehouse_links"
    fastapi_apps = [  # noqa: RUF012
        {"app": data_docs, "name": "Data Docs", "url_prefix": "/data-docs"},
        {"app": documentation, "name": "Documentation", "url_prefix": "/documentation"},
    ]
    external_views = [  # noqa: RUF012
        {
            "name": "Documentation",
            "href": "/documentation/index.html",
            "url_route": "documentation",
            "destination": "nav",
        },
        {"name": "Data Docs", "href": "/data-docs/index.html", "url_route": "data_docs", "destination": "nav"},
    ]
