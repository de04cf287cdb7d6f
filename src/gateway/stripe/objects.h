#pragma once
// All that Billhook reads from Stripe, as plain structs: times in our milliseconds, amounts in minor units beside their
// currency, ids where Stripe may answer with an id or the object itself. Each file holds the parsers of its structs.
// They understand all shapes from before 2024-09-30.acacia to 2026-10-28.endive and pass over what they do not know.
// Words that Stripe may add to (status, type, reason) stay text.

#include "gateway/stripe/customer.h"
#include "gateway/stripe/event.h"
#include "gateway/stripe/invoice.h"
#include "gateway/stripe/payment.h"
#include "gateway/stripe/product.h"
#include "gateway/stripe/session.h"
#include "gateway/stripe/subscription.h"
#include "gateway/stripe/subscription_schedule.h"
