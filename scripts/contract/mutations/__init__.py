"""Mutations: named deviations of the embedded server, which the contract checks must detect."""
