// Package ext stands in for a module of Traefik's repository that no proxy has: the place where its commercial edition
// adds fields to the configuration. Upstream it has nothing in it either.
package ext

// HTTP adds no field to the HTTP configuration.
type HTTP struct{}

// Router adds no field to a router.
type Router struct{}
