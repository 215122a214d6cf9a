module plattr.dev/rig/traefik

go 1.26.0

replace (
	// Traefik's own fork; the version that it asks for is on no proxy, this one is, and is what it used for years.
	github.com/abbot/go-http-auth => github.com/containous/go-http-auth v0.4.1-0.20200324110947-a37a7636d23e
	github.com/gorilla/mux => github.com/containous/mux v0.0.0-20250523120546-41b6ec3aed59
	github.com/traefik/traefik/dynamic/ext => ./ext
)

// As in Traefik's own go.mod.
exclude github.com/tencentcloud/tencentcloud-sdk-go v3.0.83+incompatible
