"""For authors and instructors: from one source a lab to its notebooks and pages, from returned notebooks to marks."""


class CourseError(Exception):
    """Something that the person at the keyboard can put right; the message says what and where."""
