"""Looking whether the calendars are valid, fresh and within reach, and what each calendar program makes of them."""
