"""Grading: a folder of returned notebooks in, marks and feedback out.

A student's code runs in a sealed process, where only the probes of the exercises stand beside it. What they give back
is plain data, and it is judged outside.
"""
