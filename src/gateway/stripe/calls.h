#pragma once
// Every typed call to Stripe, for those who make many kinds of them.

#include "gateway/stripe/customer_calls.h"
#include "gateway/stripe/event_calls.h"
#include "gateway/stripe/invoice_calls.h"
#include "gateway/stripe/product_calls.h"
#include "gateway/stripe/session_calls.h"
#include "gateway/stripe/subscription_calls.h"
#include "gateway/stripe/subscription_schedule_calls.h"
