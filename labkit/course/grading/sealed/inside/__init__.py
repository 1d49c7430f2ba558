"""What stands beside a student's code in the sealed process; the only part of grading that is copied there."""
