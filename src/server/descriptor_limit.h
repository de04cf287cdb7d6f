#pragma once
// How many descriptors this process may have open. Systems give a program about a thousand at first, which idle
// connections alone can use up; then the store could open no file, and nobody could be let in.

namespace billhook::server {

/// Raises the limit as far as the system allows. Before connections are accepted.
void raise_descriptor_limit();

/// `wanted`, or as many as the limit has room for beside the store, Stripe and files; then the log says so.
int connections_within_limit(int wanted);

}  // namespace billhook::server
