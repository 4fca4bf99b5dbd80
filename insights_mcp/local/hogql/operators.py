"""The operators of HogQL, spelled as the parser spells them."""

from typing import Literal

SetOperator = Literal[
    "UNION ALL",
    "UNION DISTINCT",
    "INTERSECT",
    "INTERSECT DISTINCT",
    "EXCEPT",
    "EXCEPT ALL",
    "UNION ALL BY NAME",
    "UNION DISTINCT BY NAME",
]
CompareOp = Literal[
    "==",
    "!=",
    ">",
    ">=",
    "<",
    "<=",
    "like",
    "ilike",
    "not like",
    "not ilike",
    "in",
    "not in",
    "global in",
    "global not in",
    "in cohort",
    "not in cohort",
    "=~",
    "!~",
    "=~*",
    "!~*",
]
ArithmeticOp = Literal["+", "-", "*", "/", "%"]
