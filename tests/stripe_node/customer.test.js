// Who pays: customers, their balance, their tax ids.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCustomer, createPayer, invalid, stripe } from './sandbox.js'

test('a customer lives: created, changed, found, deleted', async () => {
  const customer = await createCustomer({ name: 'Ada', address: { country: 'DE', city: 'Berlin' }, preferred_locales: ['de'] })
  assert.match(customer.id, /^cus_/)
  assert.equal(customer.address.city, 'Berlin')
  assert.equal(customer.balance, 0)
  assert.equal(customer.delinquent, false)
  assert.equal(customer.invoice_settings.default_payment_method, null)
  const changed = await stripe.customers.update(customer.id, { email: 'countess@example.com', address: '' })
  assert.equal(changed.address, null)
  assert.equal(changed.name, 'Ada')
  const byEmail = await stripe.customers.list({ email: 'countess@example.com' })
  assert.deepEqual(byEmail.data.map((each) => each.id), [customer.id])
})

test('a deleted customer is answered as deleted, and is in no list', async () => {
  const customer = await createCustomer({ email: 'gone@example.com' })
  const stub = { id: customer.id, object: 'customer', deleted: true }
  assert.deepEqual({ ...(await stripe.customers.del(customer.id)) }, stub)
  assert.deepEqual({ ...(await stripe.customers.retrieve(customer.id)) }, stub)
  assert.equal((await stripe.customers.list({ email: 'gone@example.com' })).data.length, 0)
  await invalid(stripe.customers.update(customer.id, { name: 'Back' }), { code: 'resource_missing' })
})

test('two customers may share an e-mail address, never an id or an invoice prefix', async () => {
  const [first, second] = [await createCustomer(), await createCustomer()]
  assert.equal(first.email, second.email)
  assert.notEqual(first.id, second.id)
  assert.notEqual(first.invoice_prefix, second.invoice_prefix)
})

test('the default payment method must be the customer\'s own', async () => {
  const [payer, other] = [await createPayer(), await createCustomer()]
  const method = (await stripe.customers.retrieve(payer.id)).invoice_settings.default_payment_method
  assert.match(method, /^pm_/)
  await invalid(stripe.customers.update(other.id, { invoice_settings: { default_payment_method: method } }))
})

test('tax ids belong to the account or to a customer, whose invoices show them', async () => {
  const own = await stripe.taxIds.create({ type: 'us_ein', value: '12-3456789' })
  assert.equal(own.owner.type, 'self')
  const { id } = await createCustomer()
  const theirs = await stripe.taxIds.create({ type: 'eu_vat', value: 'DE123456789', owner: { type: 'customer', customer: id } })
  assert.deepEqual([theirs.customer, theirs.country], [id, 'DE'])
  assert.deepEqual((await stripe.taxIds.list()).data.map((each) => each.id), [own.id])
  assert.deepEqual((await stripe.taxIds.list({ owner: { type: 'customer', customer: id } })).data.map((each) => each.id), [theirs.id])
  const invoice = await stripe.invoices.create({ customer: id })
  assert.deepEqual(invoice.customer_tax_ids.map((each) => ({ ...each })), [{ type: 'eu_vat', value: 'DE123456789' }])
  assert.equal((await stripe.taxIds.del(own.id)).deleted, true)
  await invalid(stripe.taxIds.retrieve(own.id), { statusCode: 404 })
})

test('the balance is the sum of its transactions', async () => {
  const { id } = await createCustomer()
  const credit = await stripe.customers.createBalanceTransaction(id, { amount: -1500, currency: 'usd', description: 'Sorry' })
  assert.equal(credit.type, 'adjustment')
  assert.equal(credit.ending_balance, -1500)
  const debit = await stripe.customers.createBalanceTransaction(id, { amount: 400, currency: 'usd' })
  assert.equal(debit.ending_balance, -1100)
  const customer = await stripe.customers.retrieve(id)
  assert.equal(customer.balance, -1100)
  assert.equal(customer.currency, 'usd')
  const list = await stripe.customers.listBalanceTransactions(id)
  assert.deepEqual(list.data.map((each) => each.amount), [400, -1500])
  assert.equal((await stripe.customers.retrieveBalanceTransaction(id, credit.id)).description, 'Sorry')
})

test('credit in another currency pays only invoices in that currency', async () => {
  const { id } = await createCustomer()
  await stripe.customers.createBalanceTransaction(id, { amount: -700, currency: 'usd' })
  await stripe.customers.createBalanceTransaction(id, { amount: -500, currency: 'eur' })
  const customer = await stripe.customers.retrieve(id, { expand: ['invoice_credit_balance'] })
  assert.equal(customer.balance, -700)
  assert.deepEqual({ ...customer.invoice_credit_balance }, { usd: -700, eur: -500 })
  await stripe.invoiceItems.create({ customer: id, amount: 2000, currency: 'eur' })
  const draft = await stripe.invoices.create({ customer: id, currency: 'eur', pending_invoice_items_behavior: 'include' })
  const invoice = await stripe.invoices.finalizeInvoice(draft.id)
  assert.equal(invoice.starting_balance, -500)
  assert.equal(invoice.amount_due, 1500)
  const after = await stripe.customers.retrieve(id, { expand: ['invoice_credit_balance'] })
  assert.deepEqual({ ...after.invoice_credit_balance }, { usd: -700, eur: 0 })
})

test('a balance set on the customer is a transaction of the difference', async () => {
  const { id } = await createCustomer({ balance: -300 })
  await stripe.customers.update(id, { balance: -1000 })
  const [last] = (await stripe.customers.listBalanceTransactions(id, { limit: 1 })).data
  assert.equal(last.amount, -700)
  assert.equal(last.ending_balance, -1000)
})

test('a customer keeps tax ids', async () => {
  const { id } = await createCustomer()
  const taxId = await stripe.customers.createTaxId(id, { type: 'eu_vat', value: 'DE123456789' })
  assert.match(taxId.id, /^txi_/)
  assert.equal(taxId.country, 'DE')
  assert.equal((await stripe.customers.listTaxIds(id)).data.length, 1)
  assert.equal((await stripe.customers.deleteTaxId(id, taxId.id)).deleted, true)
  assert.equal((await stripe.customers.listTaxIds(id)).data.length, 0)
})

test('the account knows itself', async () => {
  const account = await stripe.accounts.retrieveCurrent()
  assert.match(account.id, /^acct_/)
  assert.equal((await stripe.balance.retrieve()).object, 'balance')
})

test('a part of a customer is found only below its own customer', async () => {
  const [payer, other] = [await createPayer(), await createCustomer()]
  const taxId = await stripe.customers.createTaxId(payer.id, { type: 'eu_vat', value: 'DE123456789' })
  assert.equal((await stripe.customers.retrieveTaxId(payer.id, taxId.id)).value, 'DE123456789')
  await invalid(stripe.customers.retrieveTaxId(other.id, taxId.id), { statusCode: 404 })
  const method = (await stripe.customers.listPaymentMethods(payer.id)).data[0]
  assert.equal((await stripe.customers.retrievePaymentMethod(payer.id, method.id)).id, method.id)
  await invalid(stripe.customers.retrievePaymentMethod(other.id, method.id), { statusCode: 404 })
})

test('of a balance transaction only words can change', async () => {
  const { id } = await createCustomer()
  const credit = await stripe.customers.createBalanceTransaction(id, { amount: -900, currency: 'usd' })
  const changed = await stripe.customers.updateBalanceTransaction(id, credit.id, { description: 'Goodwill', metadata: { by: 'ada' } })
  assert.deepEqual([changed.description, changed.metadata.by, changed.amount], ['Goodwill', 'ada', -900])
  await invalid(stripe.customers.updateBalanceTransaction(id, credit.id, { amount: -1 }), { code: 'parameter_unknown' })
})
