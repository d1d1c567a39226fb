"""All deadlines of the programme: the calendar of a call, repair, check of a claim, silence of the bank. Each is a row and a timer."""
