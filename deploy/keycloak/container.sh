#!/bin/sh
# Keycloak in its container: the realm, and with TRIPTYCH_REALM_PEOPLE=true the people of the demonstration, whose password everybody knows.
set -eu
mkdir -p /opt/keycloak/data/import
cp /realm/triptych-realm.json /opt/keycloak/data/import/
if [ "${TRIPTYCH_REALM_PEOPLE:-false}" = true ]; then
	cp /realm/demonstration/triptych-users-0.json /opt/keycloak/data/import/
fi
exec /bin/sh /realm/start.sh start
