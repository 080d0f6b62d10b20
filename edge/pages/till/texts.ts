/**
 * The words of the till. What the server says about a payment is not here: the till
 * shows the cashier's sentence as it came. No text here says that goods may be handed
 * over but `notePaid`.
 *
 * @module
 */

import type { Texts } from "../shared/language.ts";

const en = {
  title: "Till",
  testMode: "TEST: no real money, no goods",

  // Setting up.
  setupTitle: "Open the till",
  keyLabel: "Merchant key",
  keyHint:
    "Begins with ock_. It is kept until this tab is closed, and never written to a file by the till.",
  keyWrongForm:
    "This is no merchant key: it begins with ock_test_ or ock_live_.",
  keyRefused: "The server does not know this key. Enter another one.",
  keyNotMerchant: "This key is not a merchant's. Enter the key of the shop.",
  keyNotChecked: "The server did not answer. Check the network and try again.",
  terminalLabel: "Name of this till",
  terminalHint:
    "Such as till-3: letters, digits and signs without spaces. May be empty.",
  terminalWrong: "At most 64 letters, digits and signs, without spaces.",
  currencyLabel: "Currency",
  openTill: "Open",
  lock: "Lock the till",
  sound: "Sound",
  language: "Language",
  storageFails:
    "This browser keeps no orders, so nothing was sent: a sale could get lost. Leave private browsing, or make room on the disk.",
  otherTab:
    "The till is open in another tab or window of this browser. Use that one, or close it: then the till opens here.",
  takeOver: "Try again",

  // The amount.
  amountTitle: "Amount",
  keyBack: "Delete the last digit",
  keyClear: "Clear",
  charge: "Charge {value}",
  amountTooLong: "Too many digits",
  chargeNothing: "Enter an amount",
  chargeFirst:
    "A code was scanned, and nothing was taken. Press Charge first, then scan.",

  // The code.
  scanTitle: "Scan the customer's code",
  scanHint: "Use the scanner or the camera, or enter the digits.",
  cameraOn: "Scan with the camera",
  cameraOff: "Switch the camera off",
  cameraStarts: "The camera starts…",
  cameraLooks: "Hold the code into the frame.",
  cameraView: "Picture of the camera",
  cameraDenied:
    "The browser does not let this page use the camera. Allow it beside the address, or use a scanner.",
  cameraMissing: "No camera was found. Use a scanner, or enter the digits.",
  cameraFails: "The camera does not work. Use a scanner, or enter the digits.",
  digitsLabel: "Digits of the code",
  digitsPay: "Pay with these digits",
  notACode:
    "This is no payment code: it has 16 to 24 digits. Ask the customer to open the payment code.",
  notDigits:
    "The scanner typed letters or signs in place of digits. Set its keyboard language to that of this device.",
  sameCode:
    "This is the code that was refused. Wait until the phone shows the next one.",
  scannerAdds:
    "The scanner adds characters to the code ({value}). The till left them out. Switch them off with the setup codes of the scanner's manual.",
  notNow:
    "A code was scanned, and nothing was done with it. First press what is shown here.",

  // Under way.
  busyPay: "One moment…",
  busyAsk: "Asking…",
  busyReverse: "Reversing…",
  busyHint: "Hand over nothing yet.",

  // Results: the one big word.
  paid: "PAID",
  notPaid: "NOT PAID",
  notKnown: "NOT KNOWN",
  waiting: "WAIT",
  reversing: "BEING REVERSED",
  reversed: "REVERSED",
  askCustomer: "ASK THE CUSTOMER",
  orderOver: "ORDER ENDED",
  tillProblem: "NOT POSSIBLE",
  paidTest: "TEST: PAID",

  // Our own sentences, where the server has none.
  notePaid: "Hand over the goods.",
  notePaidTest: "This is a test: no money moved. Hand over nothing.",
  noteNoAnswer:
    "No answer came. Hand over nothing yet and press “Send again”: the same sale is never paid twice.",
  noteNoAnswerScan:
    "Nobody knows yet whether this sale was paid. Hand over nothing yet. Ask again; the same sale is never paid twice.",
  noteNoAnswerAsked: "No answer came. Hand over nothing yet, and ask again.",
  noteNoAnswerReversed:
    "No answer came. The sale may or may not be reversed: press “Reverse” again. That is safe.",
  noteDeclined:
    "The payment was declined. Scan a new code, or take other money.",
  noteReversed: "Nothing is taken for this sale. What was taken goes back.",
  noteReversing: "The sale is being reversed. Hand over nothing.",
  noteUnderWay:
    "The payment is not decided yet. Hand over nothing; the till asks again.",
  noteRefunded: "The money of this sale was given back.",
  waitsForCustomer: "The customer has to confirm in the wallet app.",

  // What is pressed.
  pressNext: "Next sale",
  pressScan: "Scan the next code",
  pressAgain: "Send again",
  pressAsk: "Ask again",
  pressReverse: "Reverse",
  pressSecond: "A second purchase: charge again",
  pressRenumber: "Same amount, new order",
  pressCancel: "Give up this sale",
  pressSamePurchase: "Same purchase: take nothing",
  pressKey: "Enter another key",
  reverseSure: "Reverse {value}?",
  reverseYes: "Yes, reverse it",
  reverseNo: "No, leave it",
  inSeconds: "in {value} s",
  asksInSeconds: "The till asks again in {value} s.",
  forSupport: "For your support",
  offline: "No network. Nothing can be paid until it is back; no sale is lost.",

  // The list.
  listTitle: "Today at this till",
  listEmpty: "No sale yet today.",
  listRefresh: "Ask the server",
  listOpen: "Today",
  listBack: "Back",
  listFailed: "The server did not answer: this is what the till knows itself.",
  listOrder: "Order",
  listTime: "Time",
  listState: "State",
  stateOpen: "not sent",
  stateUnknown: "not known",
  stateWaiting: "under way",
  stateUnpaid: "not paid",
  statePaid: "paid",
  stateReversed: "reversed",
  stateClosed: "ended",
  stateRefunded: "refunded",
  // A function as replacement: `$&` in a value is no pattern.
};

/** A text of the till. */
export type TillKey = keyof typeof en;

const zh: Record<TillKey, string> = {
  title: "收银台",
  testMode: "测试：无真实款项，请勿交付商品",

  setupTitle: "开启收银台",
  keyLabel: "商户密钥",
  keyHint: "以 ock_ 开头。仅保留到关闭本标签页为止，收银台不会将其写入文件。",
  keyWrongForm: "这不是商户密钥：密钥以 ock_test_ 或 ock_live_ 开头。",
  keyRefused: "服务器不认识此密钥，请输入其他密钥。",
  keyNotMerchant: "这不是商户的密钥，请输入本店的密钥。",
  keyNotChecked: "服务器没有回应。请检查网络后重试。",
  terminalLabel: "本收银台名称",
  terminalHint: "例如 till-3：字母、数字和符号，不含空格，可留空。",
  terminalWrong: "最多 64 个字母、数字或符号，不含空格。",
  currencyLabel: "币种",
  openTill: "开启",
  lock: "锁定收银台",
  sound: "声音",
  language: "语言",
  storageFails:
    "此浏览器无法保存订单，因此未发送任何请求，以免丢失交易。请退出无痕模式，或清理磁盘空间。",
  otherTab:
    "收银台已在此浏览器的另一个标签页或窗口中打开。请使用该页面；将其关闭后，收银台会在此开启。",
  takeOver: "重试",

  amountTitle: "金额",
  keyBack: "删除最后一位",
  keyClear: "清除",
  charge: "收款 {value}",
  amountTooLong: "位数过多",
  chargeNothing: "请输入金额",
  chargeFirst: "扫到了付款码，但未收款。请先按“收款”，再扫码。",

  scanTitle: "请扫描顾客的付款码",
  scanHint: "使用扫码枪或摄像头，或输入数字。",
  cameraOn: "用摄像头扫码",
  cameraOff: "关闭摄像头",
  cameraStarts: "正在启动摄像头…",
  cameraLooks: "请将付款码对准取景框。",
  cameraView: "摄像头画面",
  cameraDenied: "浏览器不允许本页使用摄像头。请在地址栏旁允许，或使用扫码枪。",
  cameraMissing: "未找到摄像头。请使用扫码枪，或输入数字。",
  cameraFails: "摄像头无法使用。请使用扫码枪，或输入数字。",
  digitsLabel: "付款码数字",
  digitsPay: "用此数字付款",
  notACode: "这不是付款码：付款码为 16 至 24 位数字。请让顾客打开付款码页面。",
  notDigits:
    "扫码枪输入的是字母或符号而非数字。请将其键盘语言设为与本设备一致。",
  sameCode: "这是刚才被拒绝的付款码。请等待手机显示下一个付款码。",
  scannerAdds:
    "扫码枪在付款码上附加了字符（{value}），收银台已将其去除。请用扫码枪手册中的设置码将其关闭。",
  notNow: "扫到了付款码，但未作任何处理。请先按此处显示的按钮。",

  busyPay: "请稍候…",
  busyAsk: "正在查询…",
  busyReverse: "正在撤销…",
  busyHint: "请暂勿交付商品。",

  paid: "已付款",
  notPaid: "未付款",
  notKnown: "结果未知",
  waiting: "请等待",
  reversing: "撤销中",
  reversed: "已撤销",
  askCustomer: "请询问顾客",
  orderOver: "订单已结束",
  tillProblem: "无法操作",
  paidTest: "测试：已付款",

  notePaid: "可以交付商品。",
  notePaidTest: "这是测试，没有真实款项，请勿交付商品。",
  noteNoAnswer:
    "没有收到回应。请暂勿交付商品，并按“再次发送”：同一笔交易绝不会重复扣款。",
  noteNoAnswerScan:
    "尚不知道这笔交易是否已付款。请暂勿交付商品，并再次查询；同一笔交易绝不会重复扣款。",
  noteNoAnswerAsked: "没有收到回应。请暂勿交付商品，并再次查询。",
  noteNoAnswerReversed:
    "没有收到回应，尚不知道是否已撤销。请再次按“撤销”，重复撤销是安全的。",
  noteDeclined: "付款被拒绝。请扫描新的付款码，或改用其他收款方式。",
  noteReversed: "这笔交易不收款。如有扣款，将退回顾客。",
  noteReversing: "这笔交易正在撤销，请勿交付商品。",
  noteUnderWay: "付款结果尚未确定，请勿交付商品，收银台将自动查询。",
  noteRefunded: "这笔交易的款项已退回。",
  waitsForCustomer: "需要顾客在钱包应用中确认。",

  pressNext: "下一笔",
  pressScan: "扫描下一个付款码",
  pressAgain: "再次发送",
  pressAsk: "再次查询",
  pressReverse: "撤销",
  pressSecond: "另一笔消费：再次收款",
  pressRenumber: "同金额，新订单",
  pressCancel: "放弃这笔交易",
  pressSamePurchase: "同一笔消费：不再收款",
  pressKey: "输入其他密钥",
  reverseSure: "确定撤销 {value}？",
  reverseYes: "确定撤销",
  reverseNo: "不撤销",
  inSeconds: "{value} 秒后",
  asksInSeconds: "{value} 秒后自动查询。",
  forSupport: "技术支持信息",
  offline: "没有网络，恢复前无法收款；交易不会丢失。",

  listTitle: "本收银台今日订单",
  listEmpty: "今日暂无订单。",
  listRefresh: "从服务器更新",
  listOpen: "今日",
  listBack: "返回",
  listFailed: "服务器没有回应：以下为收银台自己的记录。",
  listOrder: "订单",
  listTime: "时间",
  listState: "状态",
  stateOpen: "未发送",
  stateUnknown: "结果未知",
  stateWaiting: "处理中",
  stateUnpaid: "未付款",
  statePaid: "已付款",
  stateReversed: "已撤销",
  stateClosed: "已结束",
  stateRefunded: "已退款",
};

/** The texts of the till in each language. */
export const TILL_TEXTS: Texts<TillKey> = { en, zh };
