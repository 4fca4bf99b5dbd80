"""Print the page and one payload per answer that the renderers are tested with, as JSON for the browser tests."""

import json
import sys

from insights_mcp.render.figures import draw_figure
from insights_mcp.server.views.page import load_page
from insights_mcp.server.views.payload import view_data
from tests.render.answers import ANSWERS

figures = {answer.title: draw_figure(answer.result, answer.title) for answer in ANSWERS}
payloads = {title: view_data(figure) for title, figure in figures.items() if figure}
json.dump({"page": load_page(), "payloads": payloads}, sys.stdout)
