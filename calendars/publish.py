"""The .ics files of all feeds, each written only when its bytes change."""
