"""Messages to people: SMS through a gateway, notices in the inbox of staff. Everyone calls it down."""
