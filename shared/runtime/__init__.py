"""The processes of a service: settings, composition of the app, HTTP server, worker, migrations, health address."""
