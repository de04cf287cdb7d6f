// Invoices: drafted, finalized, paid, voided, written off.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCustomer, createPayer, createPrice, day, declined, eventually, invalid, openPage, stripe, submitForm } from './sandbox.js'

/// A draft over these amounts.
async function draft(customer, amounts, fields = {}) {
  for (const amount of amounts)
    await stripe.invoiceItems.create({ customer: customer.id, amount, currency: 'usd', description: `Item of ${amount}` })
  return stripe.invoices.create({ customer: customer.id, pending_invoice_items_behavior: 'include', auto_advance: false, ...fields })
}

async function open(customer, amounts, fields) {
  const { id } = await draft(customer, amounts, fields)
  return stripe.invoices.finalizeInvoice(id)
}

test('pending items wait until an invoice includes them', async () => {
  const customer = await createCustomer()
  const item = await stripe.invoiceItems.create({ customer: customer.id, amount: 1200, currency: 'usd', description: 'Setup' })
  assert.match(item.id, /^ii_/)
  assert.equal(item.invoice, null)
  const without = await stripe.invoices.create({ customer: customer.id })
  assert.deepEqual([without.total, without.auto_advance, without.status], [0, false, 'draft'], 'excluded unless asked for')
  const invoice = await stripe.invoices.create({ customer: customer.id, pending_invoice_items_behavior: 'include' })
  assert.equal(invoice.total, 1200)
  assert.equal((await stripe.invoiceItems.retrieve(item.id)).invoice, invoice.id)
  assert.equal((await stripe.invoiceItems.list({ customer: customer.id, pending: true })).data.length, 0)
})

test('a draft has no number; finalized it has one and is open', async () => {
  const customer = await createCustomer()
  const invoice = await draft(customer, [1200, 300])
  assert.match(invoice.id, /^in_/)
  assert.deepEqual([invoice.status, invoice.number, invoice.billing_reason], ['draft', null, 'manual'])
  const finalized = await stripe.invoices.finalizeInvoice(invoice.id)
  assert.equal(finalized.status, 'open')
  assert.equal(finalized.number, `${customer.invoice_prefix}-0001`)
  assert.deepEqual([finalized.amount_due, finalized.amount_paid, finalized.amount_remaining], [1500, 0, 1500])
  assert.ok(finalized.status_transitions.finalized_at > 0)
  await invalid(stripe.invoices.finalizeInvoice(invoice.id))
})

test('numbers run on without a gap, drafts that were deleted do not count', async () => {
  const customer = await createCustomer()
  await open(customer, [100])
  await stripe.invoices.del((await draft(customer, [100])).id)
  assert.equal((await open(customer, [100])).number, `${customer.invoice_prefix}-0002`)
})

test('an open invoice is paid with the default card', async () => {
  const payer = await createPayer()
  const { id } = await open(payer, [1500])
  const paid = await stripe.invoices.pay(id, { expand: ['payments.data.payment.payment_intent'] })
  assert.deepEqual([paid.status, paid.amount_paid, paid.amount_remaining, paid.attempted], ['paid', 1500, 0, true])
  assert.ok(paid.status_transitions.paid_at > 0)
  const [payment] = paid.payments.data
  assert.deepEqual([payment.status, payment.amount_paid], ['paid', 1500])
  assert.equal(payment.payment.payment_intent.status, 'succeeded')
  await invalid(stripe.invoices.pay(id))
  const payments = await stripe.invoicePayments.list({ invoice: id })
  assert.equal(payments.data[0].id, payment.id)
})

test('a draft can be paid directly: it is finalized on the way', async () => {
  const payer = await createPayer()
  const { id } = await draft(payer, [1500])
  assert.equal((await stripe.invoices.pay(id)).status, 'paid')
})

test('a declined payment leaves the invoice open and counted', async () => {
  const payer = await createPayer({}, 'pm_card_chargeCustomerFail')
  const { id } = await open(payer, [1500])
  await declined(stripe.invoices.pay(id), { statusCode: 402, code: 'card_declined', decline_code: 'generic_decline' })
  const invoice = await stripe.invoices.retrieve(id)
  assert.deepEqual([invoice.status, invoice.attempted, invoice.attempt_count], ['open', true, 1])
  const method = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: payer.id })
  assert.equal((await stripe.invoices.pay(id, { payment_method: method.id })).status, 'paid')
})

test('an invoice paid elsewhere is paid without a charge', async () => {
  const customer = await createCustomer()
  const { id } = await open(customer, [1500])
  assert.equal((await stripe.invoices.pay(id, { paid_out_of_band: true })).status, 'paid')
  assert.equal((await stripe.charges.list({ customer: customer.id })).data.length, 0)
})

test('an open invoice is voided, a draft or a paid one is not', async () => {
  const payer = await createPayer()
  const { id } = await open(payer, [1500])
  const voided = await stripe.invoices.voidInvoice(id)
  assert.equal(voided.status, 'void')
  assert.ok(voided.status_transitions.voided_at > 0)
  await invalid(stripe.invoices.pay(id))
  await invalid(stripe.invoices.voidInvoice((await draft(payer, [100])).id))
  const paid = await open(payer, [200])
  await stripe.invoices.pay(paid.id)
  await invalid(stripe.invoices.voidInvoice(paid.id))
})

test('an uncollectible invoice can still be paid or voided', async () => {
  const payer = await createPayer()
  const first = await open(payer, [1500])
  assert.equal((await stripe.invoices.markUncollectible(first.id)).status, 'uncollectible')
  assert.equal((await stripe.invoices.pay(first.id)).status, 'paid')
  const second = await open(payer, [1500])
  await stripe.invoices.markUncollectible(second.id)
  assert.equal((await stripe.invoices.voidInvoice(second.id)).status, 'void')
})

test('only a draft is deleted', async () => {
  const customer = await createCustomer()
  const { id } = await draft(customer, [100])
  assert.equal((await stripe.invoices.del(id)).deleted, true)
  await invalid(stripe.invoices.retrieve(id), { statusCode: 404 })
  await invalid(stripe.invoices.del((await open(customer, [100])).id))
})

test('items of a draft are added, changed and taken out; those of an open invoice stand', async () => {
  const customer = await createCustomer()
  const { id } = await draft(customer, [500])
  const item = await stripe.invoiceItems.create({ customer: customer.id, invoice: id, amount: 250, currency: 'usd' })
  assert.equal((await stripe.invoices.retrieve(id)).total, 750)
  await stripe.invoiceItems.update(item.id, { amount: 300, description: 'Changed' })
  assert.equal((await stripe.invoices.retrieve(id)).total, 800)
  assert.equal((await stripe.invoiceItems.del(item.id)).deleted, true)
  assert.equal((await stripe.invoices.retrieve(id)).total, 500)
  const lines = await stripe.invoices.listLineItems(id)
  assert.deepEqual(lines.data.map((line) => [line.amount, line.description]), [[500, 'Item of 500']])
  await stripe.invoices.finalizeInvoice(id)
  await invalid(stripe.invoiceItems.create({ customer: customer.id, invoice: id, amount: 1, currency: 'usd' }))
  await invalid(stripe.invoiceItems.update(lines.data[0].parent.invoice_item_details.invoice_item, { amount: 1 }))
})

test('an item may be a price and a quantity', async () => {
  const customer = await createCustomer()
  const price = await createPrice(450, { recurring: undefined })
  const item = await stripe.invoiceItems.create({ customer: customer.id, pricing: { price: price.id }, quantity: 3 })
  assert.deepEqual([item.amount, item.quantity], [1350, 3])
  assert.equal(item.pricing.price_details.price, price.id)
})

test('credit in the balance is used first', async () => {
  const payer = await createPayer({ balance: -1200 })
  const invoice = await open(payer, [2000])
  assert.deepEqual([invoice.total, invoice.starting_balance, invoice.ending_balance, invoice.amount_due], [2000, -1200, 0, 800])
  assert.equal((await stripe.customers.retrieve(payer.id)).balance, 0)
  const [transaction] = (await stripe.customers.listBalanceTransactions(payer.id, { limit: 1 })).data
  assert.deepEqual([transaction.type, transaction.amount, transaction.invoice], ['applied_to_invoice', 1200, invoice.id])
})

test('credit that covers everything pays the invoice', async () => {
  const customer = await createCustomer({ balance: -5000 })
  const invoice = await open(customer, [2000])
  assert.deepEqual([invoice.status, invoice.amount_due, invoice.ending_balance], ['paid', 0, -3000])
  assert.equal((await stripe.customers.retrieve(customer.id)).balance, -3000)
})

test('a negative total becomes credit', async () => {
  const customer = await createCustomer()
  const invoice = await open(customer, [500, -1700])
  assert.deepEqual([invoice.total, invoice.amount_due, invoice.status], [-1200, 0, 'paid'])
  assert.equal((await stripe.customers.retrieve(customer.id)).balance, -1200)
})

test('what is too little to charge is owed until the next invoice', async () => {
  const payer = await createPayer()
  const small = await open(payer, [30])
  assert.deepEqual([small.total, small.amount_due, small.status], [30, 0, 'paid'], 'the least charge is 0.50 USD')
  assert.equal((await stripe.customers.retrieve(payer.id)).balance, 30)
  assert.equal((await open(payer, [1000])).amount_due, 1030)
})

test('an invoice to be sent has a due date', async () => {
  const customer = await createCustomer()
  const invoice = await open(customer, [1500], { collection_method: 'send_invoice', days_until_due: 14 })
  assert.equal(invoice.due_date - invoice.status_transitions.finalized_at, 14 * day)
  assert.equal((await stripe.invoices.sendInvoice(invoice.id)).status, 'open')
  const [event] = (await stripe.events.list({ type: 'invoice.sent', limit: 1 })).data
  assert.equal(event.data.object.id, invoice.id)
})

test('a discount lowers every line', async () => {
  const customer = await createCustomer()
  const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'once' })
  const invoice = await draft(customer, [1000, 555], { discounts: [{ coupon: coupon.id }] })
  // 100 and 55.5, rounded on each line.
  assert.deepEqual(invoice.lines.data.map((line) => line.discount_amounts[0].amount).sort((a, b) => a - b), [56, 100])
  assert.equal(invoice.total, 1555 - 156)
})

test('an invoice is paid on its own page', async () => {
  const customer = await createCustomer()
  const invoice = await open(customer, [1500])
  assert.equal((await openPage(invoice.hosted_invoice_url)).status, 200)
  const refused = await submitForm(invoice.hosted_invoice_url, { number: '4000000000000002' })
  assert.match(refused.text, /declined/)
  assert.equal((await stripe.invoices.retrieve(invoice.id)).status, 'open')
  await submitForm(invoice.hosted_invoice_url, { number: '4242424242424242', exp_month: '12', exp_year: '2040', cvc: '123' })
  assert.equal((await stripe.invoices.retrieve(invoice.id)).status, 'paid')
})

test('invoices are listed by customer and status, and searched', async () => {
  const payer = await createPayer()
  const kept = await open(payer, [100])
  const settled = await open(payer, [200])
  await stripe.invoices.pay(settled.id)
  const ids = async (fields) => (await stripe.invoices.list({ customer: payer.id, ...fields })).data.map((each) => each.id)
  assert.deepEqual(await ids(), [settled.id, kept.id])
  assert.deepEqual(await ids({ status: 'open' }), [kept.id])
  const found = await stripe.invoices.search({ query: `customer:'${payer.id}' AND status:'paid'` })
  assert.deepEqual(found.data.map((each) => each.id), [settled.id])
})

test('metadata of an open invoice can change, its amounts cannot', async () => {
  const customer = await createCustomer()
  const { id } = await open(customer, [1500])
  assert.equal((await stripe.invoices.update(id, { metadata: { po: '7' } })).metadata.po, '7')
  await invalid(stripe.invoices.addLines(id, { lines: [{ amount: 100, description: 'Late' }] }))
})

test('a preview of a purchase tells its price and keeps nothing', async () => {
  const customer = await createCustomer()
  const price = await createPrice(2500)
  const preview = await stripe.invoices.createPreview({
    customer: customer.id,
    subscription_details: { items: [{ price: price.id, quantity: 2 }] },
  })
  assert.equal(preview.total, 5000)
  assert.equal((await stripe.subscriptions.list({ customer: customer.id })).data.length, 0)
  assert.equal((await stripe.invoices.list({ customer: customer.id })).data.length, 0)
})

test('an invoice that finalizes itself is paid without being asked', async () => {
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: Date.parse('2026-01-01T00:00:00Z') / 1000 })
  const payer = await createPayer({ test_clock: clock.id })
  const { id, automatically_finalizes_at: at } = await draft(payer, [1500], { auto_advance: true })
  assert.ok(at === null || at >= clock.frozen_time)
  await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: clock.frozen_time + 2 * 3600 })
  await eventually(() => stripe.invoices.retrieve(id), (invoice) => invoice.status === 'paid', 'the invoice to be paid')
})

test('lines of a draft are rewritten one by one or together, and taken out', async () => {
  const customer = await createCustomer()
  const { id, lines } = await draft(customer, [500, 700])
  const line = lines.data.find((each) => each.amount === 500)
  const changed = await stripe.invoices.updateLineItem(id, line.id, { amount: 550, description: 'Dearer' })
  assert.deepEqual([changed.amount, changed.description], [550, 'Dearer'])
  const all = await stripe.invoices.updateLines(id, { lines: [{ id: line.id, amount: 600 }] })
  assert.equal(all.total, 1300)
  const more = await stripe.invoices.addLines(id, { lines: [{ amount: 100, description: 'Extra' }] })
  assert.equal(more.total, 1400)
  const less = await stripe.invoices.removeLines(id, { lines: [{ id: line.id, behavior: 'delete' }] })
  assert.equal(less.total, 800)
})

test('a payment of an invoice is found by its id', async () => {
  const payer = await createPayer()
  const { id } = await open(payer, [1500])
  await stripe.invoices.pay(id)
  const [listed] = (await stripe.invoicePayments.list({ invoice: id })).data
  const payment = await stripe.invoicePayments.retrieve(listed.id)
  assert.deepEqual([payment.invoice, payment.amount_requested, payment.status], [id, 1500, 'paid'])
  assert.equal(payment.payment.type, 'payment_intent')
})

test('tax is added after the discount, on every line', async () => {
  const customer = await createCustomer()
  const rate = await stripe.taxRates.create({ display_name: 'VAT', percentage: 19, inclusive: false })
  const coupon = await stripe.coupons.create({ percent_off: 50, duration: 'once' })
  const invoice = await draft(customer, [1001, 333], { default_tax_rates: [rate.id], discounts: [{ coupon: coupon.id }] })
  // 1001 - 501 = 500, tax 95; 333 - 167 = 166, tax 31.54
  assert.deepEqual(invoice.lines.data.map((line) => line.taxes[0].amount).sort((a, b) => a - b), [32, 95])
  assert.deepEqual([invoice.total_taxes[0].amount, invoice.total, invoice.total_excluding_tax], [127, 793, 666])
})
