"""Which users a reader finds in Superset's lists, such as the owners of a chart: only themselves."""

import re

from flask import Response, request
from superset import security_manager
from superset.utils.core import get_user_id

_LISTS = re.compile(r"/api/v1/\w+/related/(owners|created_by|changed_by|user)/?")


def show_only_oneself(answer: Response) -> Response:
    """Remove everybody else from such a list.

    From the answer, because Superset's own filter misses some lists, and those whom a request names by number.
    """
    if _LISTS.fullmatch(request.path) and answer.status_code == 200 and not security_manager.is_admin():
        told = answer.get_json()
        oneself = [one for one in told["result"] if one["value"] == get_user_id()]
        answer.set_data(answer.json_module.dumps(told | {"result": oneself, "count": len(oneself)}))
    return answer
