"""Functions of surveys, as PostHog writes them out: answers by question, and the last one of each submission."""

from collections.abc import Sequence

from insights_mcp.local.hogql import ast
from insights_mcp.local.hogql.errors import HogQLQueryError

_ANSWER = "$survey_response"


def read_answer(node: ast.Call) -> ast.Expr:
    """Return getSurveyResponse(place, id, many): the answer by the question's id, else by its place from 0.

    Without an id that of the question at the place is taken from the event. `many`: an array of JSON values.
    Raises HogQLQueryError.
    """
    place = _read_place(node)
    by_id = _key_by_id(node.args[1:2], place)
    by_place = ast.Constant(f"{_ANSWER}_{place}" if place else _ANSWER)
    if len(node.args) == 3 and isinstance(node.args[2], ast.Constant) and node.args[2].value:
        answers = _call("JSONExtractArrayRaw", _properties(), by_id)
        return _call("if", _call("notEmpty", answers), answers, _call("JSONExtractArrayRaw", _properties(), by_place))
    texts = [_call("JSONExtractString", _properties(), key) for key in (by_id, by_place)]
    return _call("coalesce", *(_call("nullIf", text, ast.Constant("")) for text in texts))


def keep_last_submissions(node: ast.Call) -> ast.Expr:
    """Return uniqueSurveySubmissionsFilter(survey, start, end): of each submission only its last event.

    Events without a submission's id are one each. Raises HogQLQueryError.
    """
    if not all(isinstance(arg, ast.Constant) for arg in node.args):
        raise HogQLQueryError(f"The arguments of {node.name}() must be constants.", start=node.start, end=node.end)
    conditions: list[ast.Expr] = [
        ast.CompareOperation(ast.Field(("event",)), "==", ast.Constant("survey sent")),
        ast.CompareOperation(ast.Field(("properties", "$survey_id")), "==", node.args[0]),
    ]
    operators: Sequence[ast.CompareOp] = (">=", "<=")
    for op, moment in zip(operators, node.args[1:], strict=False):
        conditions.append(ast.CompareOperation(ast.Field(("timestamp",)), op, moment))
    submission = _call("nullIf", ast.Field(("properties", "$survey_submission_id")), ast.Constant(""))
    last = ast.SelectQuery(
        select=[_call("argMax", ast.Field(("uuid",)), ast.Field(("timestamp",)))],
        select_from=ast.JoinExpr(ast.Field(("events",))),
        where=ast.And(conditions),
        group_by=[_call("coalesce", submission, _call("toString", ast.Field(("uuid",))))],
    )
    return ast.CompareOperation(ast.Field(("uuid",)), "in", last)


def _read_place(node: ast.Call) -> int:
    value = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
    text = "" if isinstance(value, bool) else str(value)
    if not text.removeprefix("-").isdecimal():
        raise HogQLQueryError(f"{node.name}() takes the number of a question.", start=node.start, end=node.end)
    return int(text)


def _key_by_id(given: Sequence[ast.Expr], place: int) -> ast.Expr:
    question = given[0].value if given and isinstance(given[0], ast.Constant) else None
    if question:
        return ast.Constant(f"{_ANSWER}_{question}")
    questions = _call("JSONExtractArrayRaw", _properties(), ast.Constant("$survey_questions"))
    asked = _call("arrayElement", questions, ast.Constant(place + 1))
    return _call("concat", ast.Constant(f"{_ANSWER}_"), _call("JSONExtractString", asked, ast.Constant("id")))


def _properties() -> ast.Field:
    return ast.Field(("properties",))


def _call(name: str, *args: ast.Expr) -> ast.Call:
    return ast.Call(name, args)
