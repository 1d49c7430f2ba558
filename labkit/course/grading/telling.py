"""What a student may read of what came out of a sealed process.

The answers that a message speaks of were made with hidden inputs at hand, and could hold them in any of their words,
names and numbers. So a message is the course's own, and of an answer it repeats what the student has before him
already: what stands in the code of his notebook or in the exercises. Nothing else is shown.
"""

import builtins
import re
from collections.abc import Collection
from itertools import product

from labkit.course.grading.code import Written
from labkit.course.grading.forms import forms, texts

#: What stands in the place of all else.
NOT_SHOWN = "[not shown]"
#: What is said of an answer of which the check says nothing that is known.
OTHER_KIND = "your answer is not of the kind that was asked for; the check in the notebook says more"
_OF_INPUT = "a text of the input"

_LONGEST = 600  # letters of a sentence that is looked into
# As ``labkit.exercises.core.error_in_words`` tells an error: its kind, what it says, the line.
_ERROR, _LINE = re.compile(r"your code stopped with ([^\W\d]\w{0,60})(?!\w)"), re.compile(r", at `([^`\n]{1,200})`\.\Z")
_LONGEST_LINE = 220  # with what stands around it
_BUILTIN = {name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)}
_ERRORS = _BUILTIN | {
    "AxisError", "LinAlgError", "UFuncTypeError", "_ArrayMemoryError", "_UFuncNoLoopError", "_UFuncInputCastingError",
    "_UFuncOutputCastingError", "EmptyDataError", "IndexingError", "IntCastingNaNError", "InvalidIndexError",
    "MergeError", "ParserError", "UndefinedVariableError", "OutOfMemoryError", "FailedPreconditionError",
    "InternalError", "InvalidArgumentError", "NotFoundError", "OperatorNotAllowedInGraphError", "OutOfRangeError",
    "ResourceExhaustedError", "UnavailableError", "UnimplementedError", "UnknownError", "NotFittedError",
    "InvalidParameterError", "UnidentifiedImageError", "JSONDecodeError", "FrozenInstanceError", "UsageError",
    "StdinNotImplementedError", "BadZipFile", "UnpicklingError", "_LinAlgError",
}  # fmt: skip
# As ``labkit.exercises.answers.kind_of`` tells what a value is.
_KIND = re.compile(r"(?:None|a text|a value of type (?P<name>\w{1,60}))")
_TYPES = {
    "int", "float", "complex", "bool", "bytes", "list", "tuple", "dict", "set", "frozenset", "range", "function",
    "method", "builtin_function_or_method", "type", "module", "object", "ellipsis", "generator", "coroutine",
    "async_generator", "slice", "map", "filter", "zip", "reversed", "enumerate", "dict_keys", "dict_values",
    "dict_items", "partial", "Counter", "defaultdict", "OrderedDict", "deque", "ndarray", "bool_", "int8", "int16",
    "int32", "int64", "uint8", "float16", "float32", "float64", "Series", "DataFrame", "Index", "Tensor", "Parameter",
    "Size", "dtype", "device", "Module", "ModuleList", "Sequential", "Linear", "Conv1d", "Conv2d", "Embedding",
    "Dropout", "Flatten", "ReLU", "Tanh", "LogSoftmax", "Softmax", "MaxPool2d", "Adam", "SGD", "EagerTensor",
    "KerasTensor", "SymbolicTensor", "TensorShape", "Variable", "ResourceVariable", "Model", "Functional",
    "InputLayer", "Layer", "Dense", "Conv2D", "MaxPooling2D", "Activation", "History", "str_", "uint16", "uint32",
    "uint64", "DataLoader", "Subset", "Image",
}  # fmt: skip
# As ``labkit.exercises.comparing.difference`` quotes an answer, and judges of their own do.
_ENTRIES = re.compile(r"\bGot the entries .*(?=, wanted \[)", re.DOTALL)
_TEXT = r"(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
_FIRST_TEXT = re.compile(rf"\A{_TEXT}", re.DOTALL)
# A remark may follow; one that was cut off has no second quote, so that all is taken for it.
_LAST_TEXT = re.compile(rf"(?<=\bGot )(?:{_TEXT}(?=\.(?: |\Z))|['\"].*(?=\.\Z))", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
_GOT = re.compile(r"(?<=\b[Gg]ot )(?P<got>[^'\"]*?)(?=, (?:wanted|which is) (?P<rest>.*))", re.DOTALL)
_PLAIN_NUMBERS = {"0", "1"}
_NUMBERS = re.compile(rf"\([^()]*\)|{_NUMBER.pattern}")
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")


def of_error(message: str, written: Written) -> str:
    """An error: its kind, if it is one of Python's, of a library's or of the student's, and the student's line."""
    kind, line = _ERROR.match(message), _LINE.search(message[-_LONGEST_LINE:])
    name = kind[1] if kind and (kind[1] in _ERRORS or kind[1] in written.names) else "an error"
    return f"your code stopped with {name}{line[0][:-1] if line and line[1].strip() in written.lines else ''}."


def of_kind(message: str, hidden: Collection[str], written: Written) -> str:
    """What a probe says of an answer of another kind, or of one that is still a stub.

    Args:
        message: it may be anything.
        hidden: all texts of the inputs.
        written: the code of the notebook.
    """
    ends = (".", "") if message.endswith(".") else ("",)  # a full stop may be the form's own
    for end, form in product(ends, forms()) if len(message) <= _LONGEST else ():
        holes = form.holes(message.removesuffix(end))
        if holes is not None:
            return _without(form.filled(_hole(hole, written) for hole in holes), hidden) + end
    return f"{OTHER_KIND}."


def of_judge(message: str, hidden: Collection[str], written: Written) -> str:
    """What a judge says: its words are the course's, what it quotes of the answer may be anything.

    Args:
        message: of the judge.
        hidden: all texts of the inputs.
        written: the code of the notebook.
    """
    message = _ENTRIES.sub("Got other entries", message)
    for place in (_LAST_TEXT, _FIRST_TEXT):
        message = place.sub(lambda quoted: _text(quoted[0], hidden, written), message)
    message = _GOT.sub(lambda found: _numbers(found["got"], found["rest"], written), message)
    return _without(message, hidden)


def _hole(content: str, written: Written) -> str:
    """What fills a hole, if it is known."""
    kind = _KIND.fullmatch(content)
    known = (
        (kind is not None and (kind["name"] is None or kind["name"] in _TYPES | written.names))
        or (" " in content and content in texts())
        or any(form.parts == (content,) for form in forms())
        or (_QUOTED.fullmatch(content) is not None and _stands(content[1:-1], written))
        or (_NUMBER.fullmatch(content) is not None and _is_known(content, written))
    )
    return content if known else NOT_SHOWN


def _stands(text: str, written: Written) -> bool:
    """Whether a text can be read in the exercises or in the notebook already."""
    return text in texts() or written.quotes(text)


def _text(quoted: str, hidden: Collection[str], written: Written) -> str:
    text = quoted[1:-1]
    if text in hidden:
        return _OF_INPUT
    return quoted if _stands(text, written) else NOT_SHOWN


def _numbers(got: str, rest: str, written: Written) -> str:
    """A number that is known, or a shape of sizes that were wanted, and of hardly more of them."""
    numbers, wanted = _NUMBER.findall(got), _NUMBER.findall(rest)
    alone = len(numbers) == 1 and _is_known(numbers[0], written)
    shape = len(numbers) <= len(wanted) + 1 and set(numbers) <= {*wanted, *_PLAIN_NUMBERS}
    return got if alone or shape else _NUMBERS.sub(NOT_SHOWN, got)


def _is_known(number: str, written: Written) -> bool:
    return number in _PLAIN_NUMBERS or number.removeprefix("-") in written.numbers


def _without(message: str, hidden: Collection[str]) -> str:
    """A message in which a hidden text that was quoted is not to be read."""
    return _QUOTED.sub(lambda quoted: _OF_INPUT if quoted[0][1:-1] in hidden else quoted[0], message)
