#include "sandbox/witness.h"

namespace billhook::sandbox {

void witness(net::HttpRequest const&, net::HttpResponse const&) {}

}  // namespace billhook::sandbox
