#pragma once
// The sample catalog (catalog/sample.yaml) as it was when the program was built: what `serve --dev` sells.

#include "domain/catalog/parse.h"

namespace billhook::catalog {

Source sample_source();

}  // namespace billhook::catalog
