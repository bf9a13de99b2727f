"""Django's PostgreSQL backend, with fewer journeys between Python and the database."""
