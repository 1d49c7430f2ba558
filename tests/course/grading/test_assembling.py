"""The steps of a run: the given notebook in its order, with questions where it checks."""

from course.grading.small_course import RIGHT

from labkit.course.grading.assembling import assemble
from labkit.course.grading.matching import Extra, Matched

CASES = {name: [{}] for name in RIGHT}


def steps(lab, matched, cases=CASES, states=None, **left_out):
    """(what a step is, whose) of each step."""
    pieces = assemble(lab, matched, cases, states or {}, **left_out)
    return pieces, [f"? {p.step.question.exercise}" if p.step.question else p.step.code for p in pieces]


def test_each_answer_and_question_stands_where_it_was_given(lab):
    pieces, texts = steps(lab, Matched(answers=dict(RIGHT)))
    wanted = [
        f"? {cell.checks}" if cell.checks else RIGHT.get(cell.exercise, cell.text) for cell in lab.cells[:-1]
    ]  # the last given cell stands below the last question
    assert texts == wanted
    assert [piece.exercise for piece in pieces if piece.exercise] == [name for name in RIGHT for _ in range(2)]
    assert [piece.step.question.expression for piece in pieces if piece.step.question] == [
        "decode",
        "answer_1_6",
        "jaccard",
        "weighted_jaccard",
    ]
    assert all(piece.students == bool(piece.exercise) for piece in pieces)


def test_the_run_ends_at_the_last_question(lab):
    pieces, texts = steps(lab, Matched(answers={"1.1": RIGHT["1.1"]}), {"1.1": [{}]})
    assert texts[-1] == "? 1.1"
    assert len(pieces) == lab.places["1.1"] + 2
    assert steps(lab, Matched(), {}) == ([], [])


def test_cells_of_their_own_keep_their_place_and_number(lab):
    own = [Extra(-1, "first"), Extra(3, "third"), Extra(3, "fourth"), Extra(-1, "second")]
    pieces, texts = steps(lab, Matched(answers=dict(RIGHT), extras=own), extras_left_out={1})
    assert texts[:2] == ["first", "second"]
    assert texts[texts.index("fourth") - 1] == "? 1.1"
    assert lab.cells[3].checks == "1.1"
    assert "third" not in texts
    assert {piece.step.code: piece.extra for piece in pieces if piece.extra >= 0} == {
        "first": 0,
        "second": 3,
        "fourth": 2,
    }


def test_what_is_left_out_is_as_it_was_given_and_what_is_known_is_told(lab):
    asked = {name: CASES[name] for name in ("1.15",)}
    _, texts = steps(
        lab, Matched(answers=dict(RIGHT)), asked, {"1.1": "right", "1.6": "", "1.14": ""}, left_out={"1.14"}
    )
    assert lab.cells[lab.places["1.14"]].text in texts
    assert RIGHT["1.1"] in texts
    assert [text for text in texts if text.startswith("?")] == ["? 1.15"]
    assert [text for text in texts if ".tell(" in text] == [
        "__import__('labkit.course.grading.sealed.inside.probing', fromlist=['ask']).tell('1.1', 'right')"
    ]
