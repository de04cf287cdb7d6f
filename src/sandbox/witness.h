#pragma once
// Whoever wants to see all that the sandbox says: every answer to a request, and every webhook with what it was
// answered. Here nobody does; a program may define a witness of its own in front of the library (tests/witness).

#include "net/http_message.h"

namespace billhook::sandbox {

void witness(net::HttpRequest const& request, net::HttpResponse const& response);

}  // namespace billhook::sandbox
