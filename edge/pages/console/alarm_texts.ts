/**
 * What the alarms say in Chinese; in English it is their summary in `alerts.yml`. A
 * test wants a sentence for each of them.
 *
 * @module
 */

/** The sentences by the names of the alarms, with the places of the summaries. */
export const ALARMS_ZH: Readonly<Record<string, string>> = {
  OffcodeEdgeAway: "{{ $labels.instance }} 的指标取不到。",
  OffcodeAnswersFailing: "超过百分之一的应答是服务器故障。",
  OffcodePaymentsPending: "超过二十分之一的应答表示付款结果尚未可知。",
  OffcodeStoreAway:
    "存储没有应答；原因见 offcode_store_faults_total 的 fault。",
  OffcodeStoreNodeAway: "存储节点 {{ $labels.node }} 没有应答。",
  OffcodeStoreNodeSlow: "存储节点 {{ $labels.node }} 每条命令需要半秒以上。",
  OffcodeStoreCorrupt:
    "存储里有一条记录不是应有的形式；有人绕过 Offcode 写入。",
  OffcodeStoreSettings: "存储的设置不符合付款的要求（{{ $labels.reason }}）。",
  OffcodeStoreRefused:
    "该边缘节点使用的存储已移走，或与其设置不符；它拒绝一切调用。",
  OffcodeLedgerSilent: "账本没有应答；在它应答之前付款一直待定。",
  OffcodePaymentsPile: "十分钟以来有超过 100 笔付款正在进行。",
  OffcodePaymentsNotSwept: "到期的付款没有被处理完。",
  OffcodeSweepEndsEarly: "进行中的付款没有被处理完。",
  OffcodeSeedSweepEndsEarly: "被替换的种子到期后仍封存在存储中。",
  OffcodeDestroyedSeedsUnread:
    "某边缘节点不知道哪些种子已销毁；其核心内存可能还留有它们。",
  OffcodeEventSweepEndsEarly: "账单事件的保存时间超过了 OFFCODE_RECORD_DAYS。",
  OffcodeClosedBillChanged: "已关闭的账单被改动；日志写明商户和日期。",
  OffcodeSeedSealed:
    "封存的种子打不开（{{ $labels.reason }}）；unknown-key 表示缺少主密钥。",
  OffcodeKeyRecordForeign: "有人向存储写入了 API 密钥记录，或者缺少主密钥。",
  OffcodeBucketTooLarge:
    "某个桶的顾客无法离线付款；请调大 OFFCODE_CORE_MEMORY。",
  OffcodeCodeAmbiguous:
    "有付款码同时匹配多个凭证，日志写明是哪些；同一对出现两次就不是巧合。",
  OffcodeCodeAtTwoMerchants: "同一付款码出现在两家商户；日志写明账户。",
  OffcodeClockUnsure:
    "{{ $labels.instance }} 的时钟与存储的时钟不一致；它不接受任何付款码。",
  OffcodeClockDrifts: "{{ $labels.instance }} 的时钟与存储的时钟相差超过一秒。",
  OffcodeCallbacksStuck: "到期的回调没有送出。",
  OffcodeDispatchEndsEarly: "回调的投递一再提前中断。",
  OffcodeCallbackEndpointDisabled:
    "某商户在重新设置端点之前收不到回调；请通知它。",
  OffcodeCallbackBreakerOpen: "某商户的服务器已停；日志写明是哪一家。",
  OffcodeCallbacksDead: "某商户拒收发给它的回调。",
  OffcodeCallbackUnreadable: "有回调无法发送（{{ $labels.reason }}）。",
  OffcodeCallbackLeaseLost: "某进程在投递途中停顿了 30 秒。",
  OffcodeCallbackSecretSealed:
    "端点的密钥打不开（{{ $labels.reason }}）；缺少主密钥。",
  OffcodeCoreShadowDiffers:
    "影子核心与正在使用的核心结果不同（{{ $labels.reason }}），已停用。",
  OffcodeCoreShadowUnfit: "影子核心无法在某个边缘节点上运行；原因见日志。",
  OffcodeCoreReleaseUnfit:
    "正在使用的核心版本无法在 {{ $labels.instance }} 上运行。",
  OffcodeCoreSwitchUnread:
    "在 {{ $labels.instance }} 上读不到哪个核心正在使用。",
  OffcodeBug: "意外错误，即程序缺陷；位置见日志。",
  OffcodeMetricsFault: "指标中缺少观测值，即程序缺陷。",
};
