#pragma once
// What a browser sees at the server's own address: where to go from here.

#include "http/call.h"

namespace billhook::http {

Result<Answer> get_front_page(Call const& call);

}  // namespace billhook::http
