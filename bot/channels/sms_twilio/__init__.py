"""SMS through Twilio, for numbers outside mainland China."""
