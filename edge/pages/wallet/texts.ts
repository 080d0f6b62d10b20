/**
 * The texts of the wallet page.
 *
 * @module
 */

import type { Texts } from "../shared/language.ts";

const en = {
  title: "Wallet",
  starting: "Opening your wallet …",
  broken:
    "The wallet could not be opened. Please reload the page. If that does not help, set the wallet up again.",
  insecure:
    "A wallet works at an address with https only, or at 127.0.0.1 on this very machine.",
  practice: "For trying things out: this wallet holds no real money.",

  chooseTitle: "Whose wallet is this?",
  chooseText:
    "Choose a customer. This phone then gets the secret that makes payment codes, and needs no network to pay.",
  chooseOffline:
    "There is no network at the moment. It is needed once, to set up the wallet.",
  setUp: "Setting up …",
  failed: "That did not work ({code}). Please try again.",
  again: "Try again",

  show: "Show this to the shop",
  pictureQr: "QR code of your payment code",
  pictureBars: "Barcode of your payment code",
  seconds: "New code in {seconds} s",
  brightness: "If the scanner does not read it, make the screen brighter.",
  digitsShow: "Show the digits",
  digitsHide: "Hide the digits",
  digitsNote:
    "Only for typing in at this till. Never tell these digits to anybody on the phone.",
  balance: "Balance",
  balanceAt: "Balance on {time}",

  offline: "You are offline. Paying still works.",
  offlineTooLong:
    "This phone has been offline for a long time. Shops refuse its codes until it has been online once.",
  clockSlow:
    "This phone's clock is {amount} slow. Shops will refuse the codes. Please switch on “set time automatically” in the phone's settings.",
  clockFast:
    "This phone's clock is {amount} fast. Shops will refuse the codes. Please switch on “set time automatically” in the phone's settings.",
  inMinutes: "{n} minutes",
  inSeconds: "{n} seconds",
  inHours: "{n} hours",
  inDays: "{n} days",
  expired:
    "Your payment code has expired. Connect the phone to the network once, and it is renewed by itself.",
  ended:
    "This phone can no longer pay: the wallet was set up on another phone, or was ended.",
  startOver: "Set up again",
  blocked: "This wallet may not pay at the moment. Please ask your bank.",
  restricted:
    "This phone is not secure, so at most {amount} can be paid at a time.",
  codesOff: "Payment codes are switched off for this wallet.",
  coreRefused:
    "An update was refused because it could not be trusted. Your wallet goes on as it is.",

  waitTitle: "Did you buy this?",
  waitText: "{merchant} wants {amount} from you.",
  waitYes: "Yes, pay {amount}",
  waitNo: "No, do not pay",

  history: "History on this phone",
  historyNone: "Nothing yet.",
  enrolled: "The wallet was set up on this phone.",
  renewed: "The secret was renewed.",
  paid: "{amount} was paid.",
  received: "{amount} came in.",
  "core-updated": "The code maker was updated to version {version}.",
  "core-refused": "An update of the code maker was refused: {reason}.",
  restrictedNow: "Paying was limited.",
  unrestrictedNow: "Paying is no longer limited.",

  settings: "Settings",
  language: "Language",
  rooted: "This phone is rooted (to try it out)",
  rootedNote:
    "A rooted phone protects its secrets badly, so it may pay smaller amounts only.",
  about: "About this wallet",
  validUntil: "Pays without a network until {time}",
  coreBuiltIn: "Code maker: the one that came with the wallet",
  coreVersion: "Code maker: version {version}",
  leave: "Switch to another account",
  leaveText:
    "The secret on this phone is destroyed. To pay with this account again, set it up anew, with a network.",
  leaveYes: "Destroy and switch",
  leaveNo: "Keep it",
};

/** A text of the wallet page. */
export type WalletKey = keyof typeof en;

/** The texts of the wallet page in each language. */
export const WALLET_TEXTS: Texts<WalletKey> = {
  en,
  zh: {
    title: "钱包",
    starting: "正在打开钱包……",
    broken: "钱包无法打开。请重新加载页面；如果仍然不行，请重新开通钱包。",
    insecure: "钱包只能在 https 地址，或在本机的 127.0.0.1 上使用。",
    practice: "仅供试用：此钱包里没有真钱。",

    chooseTitle: "这是谁的钱包？",
    chooseText:
      "请选择一位顾客。本手机会收到用来生成付款码的密钥，之后付款不需要网络。",
    chooseOffline: "现在没有网络。开通钱包时需要联网一次。",
    setUp: "正在开通……",
    failed: "没有成功（{code}）。请再试一次。",
    again: "再试一次",

    show: "请向商家出示此码",
    pictureQr: "付款码的二维码",
    pictureBars: "付款码的条形码",
    seconds: "{seconds} 秒后更新",
    brightness: "如果扫不出来，请调高屏幕亮度。",
    digitsShow: "显示数字",
    digitsHide: "隐藏数字",
    digitsNote: "只用于在收银台当面输入。切勿在电话里把这些数字告诉任何人。",
    balance: "余额",
    balanceAt: "余额（{time}）",

    offline: "您已离线，仍然可以付款。",
    offlineTooLong: "本手机离线太久，需要联网一次，否则商家会拒收付款码。",
    clockSlow:
      "本手机的时间慢了{amount}，商家会拒收付款码。请在手机设置中打开“自动设置时间”。",
    clockFast:
      "本手机的时间快了{amount}，商家会拒收付款码。请在手机设置中打开“自动设置时间”。",
    inMinutes: "{n} 分钟",
    inSeconds: "{n} 秒",
    inHours: "{n} 小时",
    inDays: "{n} 天",
    expired: "您的付款码已过期。请将手机联网一次，付款码会自动更新。",
    ended: "本手机不能再付款：钱包已在另一部手机上开通，或已停用。",
    startOver: "重新开通",
    blocked: "此钱包目前不能付款，请联系您的银行。",
    restricted: "本手机不够安全，每次最多可付 {amount}。",
    codesOff: "此钱包的付款码已关闭。",
    coreRefused: "有一项更新不可信，已被拒绝。您的钱包照常使用。",

    waitTitle: "这是您买的吗？",
    waitText: "{merchant} 向您收取 {amount}。",
    waitYes: "是，付 {amount}",
    waitNo: "不是，不付",

    history: "本手机的记录",
    historyNone: "还没有记录。",
    enrolled: "钱包已在本手机上开通。",
    renewed: "密钥已更新。",
    paid: "支付了 {amount}。",
    received: "收到 {amount}。",
    "core-updated": "付款码程序已更新到版本 {version}。",
    "core-refused": "付款码程序的一项更新被拒绝：{reason}。",
    restrictedNow: "付款受到限制。",
    unrestrictedNow: "付款不再受限制。",

    settings: "设置",
    language: "语言",
    rooted: "本手机已越狱（用于试验）",
    rootedNote: "已越狱的手机不能很好地保护密钥，因此只能支付较小的金额。",
    about: "关于此钱包",
    validUntil: "无网络可付款至 {time}",
    coreBuiltIn: "付款码程序：随钱包提供的版本",
    coreVersion: "付款码程序：版本 {version}",
    leave: "切换到另一个账户",
    leaveText: "本手机上的密钥会被销毁。如要再用此账户付款，需要联网重新开通。",
    leaveYes: "销毁并切换",
    leaveNo: "保留",
  },
};
