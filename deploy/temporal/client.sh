# The command `client`: the command line of Temporal as this installation's administrator. To be read by a shell in temporal-namespace.
client() {
	temporal "$@" --address temporal:7233 --tls-ca-path /run/secrets/ca.pem --tls-server-name temporal \
		--tls-cert-path /run/secrets/client.pem --tls-key-path /run/secrets/client.key
}
