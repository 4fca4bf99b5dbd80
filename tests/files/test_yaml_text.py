"""The YAML that is read is plain data; the YAML that is written is what it looks like."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights_mcp.render.marking import mark
from insights_mcp.server.files.yaml_text import NotYaml, read_documents, write_document

# Everything JSON can hold, but for half characters and numbers too large for a file of this kind.
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(
        ["no", "1e3", "0o17", "1:30", "~", "=", "<<", "2026-01-01", " a", "a\n", "\n", "# a", "- a", "{", ".5"]
    )
)
KEYS = st.text(max_size=20) | st.sampled_from(["on", "1", "null", "? a", "a: b"])
DATA = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(KEYS, DATA, min_size=1, max_size=4))
def test_data_is_the_same_after_writing_and_reading(data: dict[str, object]) -> None:
    text = write_document(data)
    [document] = read_documents(text)
    assert document.data == data
    assert write_document(document.data) == text
    assert mark(text.replace("\n", "")) == text.replace("\n", ""), "nothing in it is invisible"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:-{}[]&*!|>'\"%@#?, \n\t0~<", max_size=60))
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    assert line_of_refusal(text) in {None, *range(1, text.count("\n") + 3)}


def line_of_refusal(text: str) -> int | None:
    try:
        read_documents(text)
    except NotYaml as error:
        return error.line
    return None


def test_words_mean_what_they_mean_in_yaml_1_2() -> None:
    [document] = read_documents(
        "a: no\nb: 1:30\nc: 2026-01-01\nd: 1e3\ne: 017\nf: 'true'\ng: ~\nh: |\n  x\n  y\ni: +7\nj: .5"
    )
    assert document.data == {
        "a": "no",
        "b": "1:30",
        "c": "2026-01-01",
        "d": 1000.0,
        "e": 17,
        "f": "true",
        "g": None,
        "h": "x\ny\n",
        "i": 7,
        "j": 0.5,
    }


def test_every_part_of_a_document_has_its_line() -> None:
    first, second = read_documents("\ufeffa:\n  - b: 1\n    c: [2,\n      3]\n---\nd: {e: 4}\n")
    assert first.line_of(("a", 0, "c")) == 3
    assert first.line_of(("a", 0, "c", 1)) == 4
    assert first.line_of(("a", 0, "nothing", "there")) == 2
    assert second.line_of(("d", "e")) == 6


@pytest.mark.parametrize("text", ["a: 1e999", "a: " + "9" * 5000 + "\nb: [", "%TAG ! x\n--- !x\n"])
def test_what_no_file_of_ours_holds_is_refused(text: str) -> None:
    with pytest.raises(NotYaml):
        read_documents(text)
