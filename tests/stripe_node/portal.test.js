// The customer portal: its configurations, sessions and the page that works without script.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCustomer, createPayer, createPrice, invalid, openPage, stripe, submitForm } from './sandbox.js'

const features = {
  invoice_history: { enabled: true },
  payment_method_update: { enabled: true },
  subscription_cancel: { enabled: true, mode: 'at_period_end' },
}

test('without a configuration there is no portal', async () => {
  const { id } = await createCustomer()
  await invalid(stripe.billingPortal.sessions.create({ customer: id }), { statusCode: 400 })
})

test('the first configuration is the default one', async () => {
  const first = await stripe.billingPortal.configurations.create({ features, business_profile: { headline: 'Billhook' } })
  assert.match(first.id, /^bpc_/)
  assert.equal(first.is_default, true)
  assert.equal(first.active, true)
  assert.equal(first.features.subscription_cancel.mode, 'at_period_end')
  assert.equal(first.features.customer_update.enabled, false)
  const second = await stripe.billingPortal.configurations.create({ features })
  assert.equal(second.is_default, false)
  const changed = await stripe.billingPortal.configurations.update(second.id, { active: false, metadata: { of: 'test' } })
  assert.equal(changed.active, false)
  assert.equal(changed.metadata.of, 'test')
  const list = await stripe.billingPortal.configurations.list({ is_default: true })
  assert.deepEqual(list.data.map((each) => each.id), [first.id])
  assert.equal((await stripe.billingPortal.configurations.retrieve(first.id)).business_profile.headline, 'Billhook')
})

test('a session is an address for one customer', async () => {
  const { id } = await createCustomer()
  const session = await stripe.billingPortal.sessions.create({ customer: id, return_url: 'https://shop.example.com/account' })
  assert.match(session.id, /^bps_/)
  assert.equal(session.customer, id)
  assert.match(session.configuration, /^bpc_/)
  const page = await openPage(session.url)
  assert.equal(page.status, 200)
  assert.match(page.text, /https:\/\/shop\.example\.com\/account/)
})

test('a session needs a customer that exists', async () => {
  await invalid(stripe.billingPortal.sessions.create({}), { param: 'customer' })
  await invalid(stripe.billingPortal.sessions.create({ customer: 'cus_none' }), { code: 'resource_missing', param: 'customer' })
  const { id } = await createCustomer()
  await invalid(stripe.billingPortal.sessions.create({ customer: id, configuration: 'bpc_none' }), { param: 'configuration' })
})

async function subscribed() {
  const payer = await createPayer()
  const price = await createPrice(1900)
  const subscription = await stripe.subscriptions.create({ customer: payer.id, items: [{ price: price.id }] })
  const session = await stripe.billingPortal.sessions.create({ customer: payer.id })
  return { payer, subscription, session }
}

test('a flow leads straight to one step', async () => {
  const { payer, subscription } = await subscribed()
  const session = await stripe.billingPortal.sessions.create({
    customer: payer.id,
    flow_data: { type: 'subscription_cancel', subscription_cancel: { subscription: subscription.id } },
  })
  assert.equal(session.flow.type, 'subscription_cancel')
  assert.equal(session.flow.subscription_cancel.subscription, subscription.id)
})

test('on the page a subscription is canceled at period end, and kept again', async () => {
  const { subscription, session } = await subscribed()
  assert.equal((await submitForm(session.url, { action: 'cancel', subscription: subscription.id })).status, 200)
  const leaving = await stripe.subscriptions.retrieve(subscription.id)
  assert.equal(leaving.cancel_at_period_end, true)
  assert.equal(leaving.status, 'active')
  await submitForm(session.url, { action: 'resume', subscription: subscription.id })
  assert.equal((await stripe.subscriptions.retrieve(subscription.id)).cancel_at_period_end, false)
})

test('on the page the card is replaced, a declining one is not taken', async () => {
  const { payer, session } = await subscribed()
  const old = (await stripe.customers.retrieve(payer.id)).invoice_settings.default_payment_method
  await submitForm(session.url, { action: 'card', number: '4000000000000002' })
  assert.equal((await stripe.customers.retrieve(payer.id)).invoice_settings.default_payment_method, old)
  await submitForm(session.url, { action: 'card', number: '5555555555554444' })
  const customer = await stripe.customers.retrieve(payer.id, { expand: ['invoice_settings.default_payment_method'] })
  assert.equal(customer.invoice_settings.default_payment_method.card.brand, 'mastercard')
})

test("the page does not touch another customer's subscription", async () => {
  const [mine, other] = [await subscribed(), await subscribed()]
  await submitForm(mine.session.url, { action: 'cancel', subscription: other.subscription.id })
  assert.equal((await stripe.subscriptions.retrieve(other.subscription.id)).cancel_at_period_end, false)
})

test('the page lists the invoices', async () => {
  const { payer, session } = await subscribed()
  const [invoice] = (await stripe.invoices.list({ customer: payer.id })).data
  assert.match((await openPage(session.url)).text, new RegExp(invoice.number))
})
