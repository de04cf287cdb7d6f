// Money moves: payment methods, setup and payment intents, the bank's question, charges, refunds.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCustomer, declined, eventually, invalid, openPage, stripe, submitForm } from './sandbox.js'

const pay = (fields) => stripe.paymentIntents.create({ amount: 2000, currency: 'usd', confirm: true, ...fields })
const payUnattended = (card, fields) => pay({ payment_method: card, off_session: true, ...fields })

test('a test card is made from its number and shows only its end', async () => {
  const method = await stripe.paymentMethods.create({
    type: 'card',
    card: { number: '5555555555554444', exp_month: 12, exp_year: 2034, cvc: '123' },
    billing_details: { name: 'Ada' },
  })
  assert.equal(method.card.brand, 'mastercard')
  assert.equal(method.card.last4, '4444')
  assert.equal(method.billing_details.name, 'Ada')
  assert.equal(method.customer, null)
  assert.ok(!JSON.stringify(method).includes('5555555555554444'))
})

test('a card that is no test card is declined', async () => {
  const error = await declined(
    stripe.paymentMethods.create({ type: 'card', card: { number: '4012888888881881', exp_month: 1, exp_year: 2040 } }),
    { statusCode: 402, code: 'card_declined', decline_code: 'test_mode_live_card' },
  )
  assert.ok(!error.message.includes('4012'))
})

test('a payment method is attached, listed and detached', async () => {
  const { id } = await createCustomer()
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: id })
  assert.equal(method.customer, id)
  await stripe.customers.update(id, { invoice_settings: { default_payment_method: method.id } })
  assert.equal((await stripe.customers.listPaymentMethods(id)).data[0].id, method.id)
  assert.equal((await stripe.paymentMethods.list({ customer: id, type: 'card' })).data.length, 1)
  assert.equal((await stripe.paymentMethods.detach(method.id)).customer, null)
  assert.equal((await stripe.customers.retrieve(id)).invoice_settings.default_payment_method, null)
  await invalid(stripe.paymentMethods.detach(method.id))
})

test('a payment method has one owner', async () => {
  const [first, second] = [await createCustomer(), await createCustomer()]
  const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: first.id })
  await invalid(stripe.paymentMethods.attach(method.id, { customer: second.id }), { statusCode: 400 })
  const changed = await stripe.paymentMethods.update(method.id, { card: { exp_month: 3, exp_year: 2041 } })
  assert.deepEqual([changed.card.exp_month, changed.card.exp_year], [3, 2041])
})

test('a good card pays: the intent succeeds with one charge', async () => {
  const intent = await pay({ payment_method: 'pm_card_visa', return_url: 'https://example.com/', expand: ['latest_charge'] })
  assert.match(intent.id, /^pi_/)
  assert.ok(intent.client_secret.startsWith(`${intent.id}_secret_`))
  assert.equal(intent.status, 'succeeded')
  assert.equal(intent.amount_received, 2000)
  assert.equal(intent.latest_charge.paid, true)
  assert.equal(intent.latest_charge.payment_method_details.card.last4, '4242')
  const charges = await stripe.charges.list({ payment_intent: intent.id })
  assert.deepEqual(charges.data.map((charge) => charge.id), [intent.latest_charge.id])
})

test('an intent goes step by step', async () => {
  const intent = await stripe.paymentIntents.create({ amount: 1500, currency: 'eur' })
  assert.equal(intent.status, 'requires_payment_method')
  const ready = await stripe.paymentIntents.update(intent.id, { payment_method: 'pm_card_visa', amount: 1600 })
  assert.equal(ready.status, 'requires_confirmation')
  const paid = await stripe.paymentIntents.confirm(intent.id, { return_url: 'https://example.com/' })
  assert.equal(paid.status, 'succeeded')
  assert.equal(paid.amount_received, 1600)
  await invalid(stripe.paymentIntents.confirm(intent.id), { code: 'payment_intent_unexpected_state' })
  await invalid(stripe.paymentIntents.cancel(intent.id), { code: 'payment_intent_unexpected_state' })
})

test('an intent that was not paid can be canceled', async () => {
  const intent = await stripe.paymentIntents.create({ amount: 1500, currency: 'eur' })
  const canceled = await stripe.paymentIntents.cancel(intent.id, { cancellation_reason: 'abandoned' })
  assert.equal(canceled.status, 'canceled')
  assert.equal(canceled.cancellation_reason, 'abandoned')
  await invalid(stripe.paymentIntents.confirm(intent.id), { code: 'payment_intent_unexpected_state' })
})

test('an intent needs an amount and a known currency, and names no payment method types', async () => {
  await invalid(stripe.paymentIntents.create({ currency: 'usd' }), { code: 'parameter_missing', param: 'amount' })
  await invalid(stripe.paymentIntents.create({ amount: 0, currency: 'usd' }), { param: 'amount' })
  await invalid(stripe.paymentIntents.create({ amount: 100, currency: 'us' }), { param: 'currency' })
  await invalid(stripe.paymentIntents.create({ amount: 100, currency: 'usd', payment_method_types: ['card'] }), {
    code: 'payment_method_types_no_longer_supported',
  })
})

// Stripe's "Testing" page: what each card ends in.
const declines = [
  ['pm_card_chargeDeclined', 'card_declined', 'generic_decline', 'try_again_later'],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds', undefined],
  ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card', undefined],
  ['pm_card_visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card', undefined],
  ['pm_card_visa_chargeDeclinedVelocityLimitExceeded', 'card_declined', 'card_velocity_exceeded', undefined],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card', undefined, 'confirm_card_data'],
  ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', undefined, undefined],
  ['pm_card_chargeDeclinedProcessingError', 'processing_error', undefined, undefined],
  ['pm_card_chargeCustomerFail', 'card_declined', 'generic_decline', undefined],
]
for (const [card, code, declineCode, advice] of declines)
  test(`${card} is declined: ${declineCode ?? code}`, async () => {
    const error = await declined(payUnattended(card), { statusCode: 402, code, decline_code: declineCode ?? '' })
    if (advice) assert.equal(error.advice_code, advice)
    const intent = await stripe.paymentIntents.retrieve(error.payment_intent.id)
    assert.equal(intent.status, 'requires_payment_method')
    assert.equal(intent.last_payment_error.code, code)
    assert.equal((await stripe.charges.retrieve(error.charge)).status, 'failed')
  })

test('a declining card cannot be attached, one that fails only when charged can', async () => {
  const { id } = await createCustomer()
  await declined(stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer: id }), { code: 'card_declined' })
  assert.equal((await stripe.customers.listPaymentMethods(id)).data.length, 0)
  assert.equal((await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: id })).customer, id)
})

test('after a decline the same intent is paid with another card', async () => {
  const error = await declined(payUnattended('pm_card_chargeDeclined'))
  const paid = await stripe.paymentIntents.confirm(error.payment_intent.id, {
    payment_method: 'pm_card_visa',
    return_url: 'https://example.com/',
  })
  assert.equal(paid.status, 'succeeded')
  assert.equal(paid.last_payment_error, null)
  assert.equal((await stripe.charges.list({ payment_intent: paid.id })).data.length, 2)
})

const askedFor = (fields) =>
  pay({ payment_method: 'pm_card_authenticationRequired', return_url: 'https://example.com/back', ...fields })

test("the bank's question is a page with a form; who confirms has paid and is led back", async () => {
  const intent = await askedFor()
  assert.equal(intent.status, 'requires_action')
  assert.equal(intent.next_action.type, 'redirect_to_url')
  assert.equal(intent.next_action.redirect_to_url.return_url, 'https://example.com/back')
  const page = await openPage(intent.next_action.redirect_to_url.url)
  assert.equal(page.status, 200)
  assert.match(page.text, /<form method="post"/)
  const answered = await submitForm(intent.next_action.redirect_to_url.url, { challenge: 'complete' })
  assert.equal(answered.status, 303)
  const back = new URL(answered.location)
  assert.equal(back.origin + back.pathname, 'https://example.com/back')
  assert.equal(back.searchParams.get('payment_intent'), intent.id)
  assert.equal(back.searchParams.get('redirect_status'), 'succeeded')
  const paid = await stripe.paymentIntents.retrieve(intent.id)
  assert.equal(paid.status, 'succeeded')
  assert.equal(paid.next_action, null)
})

test('who does not confirm has not paid', async () => {
  const intent = await askedFor()
  const answered = await submitForm(intent.next_action.redirect_to_url.url, { challenge: 'fail' })
  assert.equal(new URL(answered.location).searchParams.get('redirect_status'), 'failed')
  const failed = await stripe.paymentIntents.retrieve(intent.id)
  assert.equal(failed.status, 'requires_payment_method')
  assert.equal(failed.last_payment_error.code, 'payment_intent_authentication_failure')
})

test('without an address to return to, the question is left to the client', async () => {
  const intent = await pay({ payment_method: 'pm_card_authenticationRequired' })
  assert.equal(intent.status, 'requires_action')
  assert.equal(intent.next_action.type, 'use_stripe_sdk')
})

test('a card whose bank insists cannot be charged unattended', async () => {
  await declined(payUnattended('pm_card_authenticationRequired'), { statusCode: 402, code: 'authentication_required' })
})

test('a card that was set up pays unattended', async () => {
  const { id } = await createCustomer()
  const setup = await stripe.setupIntents.create({
    customer: id,
    payment_method: 'pm_card_authenticationRequiredOnSetup',
    confirm: true,
    usage: 'off_session',
    return_url: 'https://example.com/set-up',
  })
  assert.equal(setup.status, 'requires_action')
  const answered = await submitForm(setup.next_action.redirect_to_url.url, { challenge: 'complete' })
  assert.equal(new URL(answered.location).searchParams.get('setup_intent'), setup.id)
  const done = await stripe.setupIntents.retrieve(setup.id, { expand: ['payment_method'] })
  assert.equal(done.status, 'succeeded')
  assert.equal(done.payment_method.customer, id)
  assert.equal((await payUnattended(done.payment_method.id, { customer: id })).status, 'succeeded')
})

test('a setup intent keeps a card without a charge, or is canceled', async () => {
  const { id } = await createCustomer()
  const setup = await stripe.setupIntents.create({ customer: id })
  assert.equal(setup.status, 'requires_payment_method')
  assert.ok(setup.client_secret.startsWith(`${setup.id}_secret_`))
  const done = await stripe.setupIntents.confirm(setup.id, { payment_method: 'pm_card_visa', return_url: 'https://example.com/' })
  assert.equal(done.status, 'succeeded')
  assert.equal((await stripe.customers.listPaymentMethods(id)).data[0].id, done.payment_method)
  assert.equal((await stripe.charges.list({ customer: id })).data.length, 0)
  await invalid(stripe.setupIntents.cancel(setup.id), { code: 'setup_intent_unexpected_state' })
  const other = await stripe.setupIntents.create({ customer: id })
  assert.equal((await stripe.setupIntents.cancel(other.id)).status, 'canceled')
})

test('a declining card cannot be set up', async () => {
  const { id } = await createCustomer()
  const error = await declined(
    stripe.setupIntents.create({ customer: id, payment_method: 'pm_card_chargeDeclined', confirm: true }),
    { code: 'card_declined' },
  )
  assert.equal((await stripe.setupIntents.retrieve(error.setup_intent.id)).status, 'requires_payment_method')
})

test('refunds add up to the charge and no further', async () => {
  const { latest_charge: charge, id } = await payUnattended('pm_card_visa', { amount: 1000 })
  const first = await stripe.refunds.create({ charge, amount: 400, reason: 'requested_by_customer' })
  assert.match(first.id, /^re_/)
  assert.equal(first.status, 'succeeded')
  assert.equal(first.payment_intent, id)
  const partly = await stripe.charges.retrieve(charge)
  assert.deepEqual([partly.amount_refunded, partly.refunded], [400, false])
  await invalid(stripe.refunds.create({ charge, amount: 601 }), { param: 'amount' })
  assert.equal((await stripe.refunds.create({ payment_intent: id })).amount, 600, 'what is left')
  assert.equal((await stripe.charges.retrieve(charge)).refunded, true)
  await invalid(stripe.refunds.create({ charge }), { statusCode: 400, code: 'charge_already_refunded' })
  assert.equal((await stripe.refunds.list({ charge })).data.length, 2)
})

test('a refund needs a charge that was paid', async () => {
  await invalid(stripe.refunds.create({}))
  await invalid(stripe.refunds.create({ charge: 'ch_none' }), { code: 'resource_missing', param: 'charge' })
  const error = await declined(payUnattended('pm_card_chargeDeclined'))
  await invalid(stripe.refunds.create({ charge: error.charge }))
})

test('a refund may be pending at first', async () => {
  const { latest_charge: charge } = await payUnattended('pm_card_pendingRefund')
  assert.equal((await stripe.refunds.create({ charge })).status, 'pending')
})

test('a charge carries a description and metadata of its own', async () => {
  const { latest_charge: charge } = await payUnattended('pm_card_visa', { metadata: { order: '7' } })
  const changed = await stripe.charges.update(charge, { description: 'Order 7' })
  assert.equal(changed.description, 'Order 7')
  assert.equal(changed.metadata.order, '7', 'copied from the intent')
})

test('zero-decimal amounts are whole units', async () => {
  const intent = await payUnattended('pm_card_visa', { amount: 500, currency: 'jpy' })
  assert.deepEqual([intent.amount_received, intent.currency], [500, 'jpy'])
})

test('a refund that the bank sends back has failed, and the money is the charge\'s again', async () => {
  const { latest_charge: charge } = await payUnattended('pm_card_refundFail', { amount: 1000 })
  const refund = await stripe.refunds.create({ charge })
  assert.equal(refund.status, 'succeeded')
  const { frozen_time } = await stripe.testHelpers.testClocks.retrieve('clock_sandbox')
  await stripe.testHelpers.testClocks.advance('clock_sandbox', { frozen_time: frozen_time + 7 * 86_400 })
  const failed = await eventually(() => stripe.refunds.retrieve(refund.id), ({ status }) => status !== 'succeeded', 'the bank')
  assert.equal(failed.status, 'failed')
  const present = await stripe.charges.retrieve(charge)
  assert.deepEqual([present.refunded, present.amount_refunded], [false, 0])
})

test('intents and refunds are listed, and carry metadata', async () => {
  const { id: customer } = await createCustomer()
  const intent = await stripe.paymentIntents.create({ amount: 900, currency: 'usd', customer })
  assert.deepEqual((await stripe.paymentIntents.list({ customer })).data.map((each) => each.id), [intent.id])
  const setup = await stripe.setupIntents.create({ customer })
  assert.deepEqual((await stripe.setupIntents.list({ customer })).data.map((each) => each.id), [setup.id])
  const method = await stripe.paymentMethods.attach('pm_card_amex', { customer })
  const ready = await stripe.setupIntents.update(setup.id, { payment_method: method.id, metadata: { step: '2' } })
  assert.deepEqual([ready.status, ready.metadata.step], ['requires_confirmation', '2'])
  assert.equal((await stripe.paymentMethods.retrieve(method.id)).card.brand, 'amex')
  const { latest_charge: charge } = await payUnattended('pm_card_visa')
  const refund = await stripe.refunds.create({ charge, amount: 100 })
  assert.equal((await stripe.refunds.update(refund.id, { metadata: { why: 'late' } })).metadata.why, 'late')
})

test('a dispute takes the money, and the evidence decides', async () => {
  const { latest_charge: charge } = await payUnattended('pm_card_createDispute', { amount: 1000 })
  const { data: [dispute] } = await stripe.disputes.list({ charge })
  assert.deepEqual([dispute.status, dispute.reason, dispute.amount], ['needs_response', 'fraudulent', 1000])
  assert.equal((await stripe.charges.retrieve(charge)).disputed, true)
  await invalid(stripe.refunds.create({ charge }), { code: 'charge_disputed' })
  const won = await stripe.disputes.update(dispute.id, { evidence: { uncategorized_text: 'winning_evidence' } })
  assert.equal(won.status, 'won')
  assert.equal((await stripe.disputes.retrieve(dispute.id)).evidence_details.submission_count, 1)
  await invalid(stripe.disputes.close(dispute.id))
})

test('a dispute that is accepted is lost', async () => {
  const { latest_charge: charge } = await payUnattended('pm_card_createDisputeProductNotReceived')
  const { data: [dispute] } = await stripe.disputes.list({ charge })
  assert.equal((await stripe.disputes.close(dispute.id)).status, 'lost')
})
