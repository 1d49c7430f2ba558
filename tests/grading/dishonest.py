"""Notebooks that want points they have not earned: each route with the points that its answers truly are worth.

Some want to read their hidden inputs on the page that they get back, which earns points another time.
Each would have taken in a grader that runs answers, checks and marks in one process, that knows its hidden inputs
beforehand, that reads what a notebook says of itself, or that believes whatever a sealed process sends.
"""

from grading.dishonest_answers import Dishonest
from grading.dishonest_builtins import BUILTINS
from grading.dishonest_course import LABKIT
from grading.dishonest_frames import FRAMES
from grading.dishonest_messages import MESSAGES
from grading.dishonest_paper import PAPER
from grading.dishonest_session import SESSION
from grading.dishonest_values import LIBRARIES, VALUES_THAT_LIE

__all__ = ["DISHONEST", "Dishonest"]

DISHONEST = (*VALUES_THAT_LIE, *LIBRARIES, *LABKIT, *BUILTINS, *FRAMES, *SESSION, *PAPER, *MESSAGES)
