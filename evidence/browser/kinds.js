// What kinds of records, proof states and assurance levels are called (sections 3.2 to 3.4).

import * as labels from "./labels.js";

const KINDS = {
  "contact.shown": ["查看电话号码", "phone number shown"],
  "case.opened": ["立案", "case opened"],
  "case.changed": ["案件信息变更", "case changed"],
  "case.closed": ["结案", "case closed"],
  "notice.composed": ["拟定通知", "notice composed"],
  "paper.made": ["生成纸质版", "paper form made"],
  "plan.started": ["开始提醒阶梯", "plan started"],
  "plan.paused": ["阶梯暂停", "plan paused"],
  "plan.resumed": ["阶梯恢复", "plan resumed"],
  "plan.ended": ["阶梯结束", "plan ended"],
  "plan.moved": ["改用另一版阶梯", "plan moved to another version"],
  "follow_up.started": ["开始休养随访", "visits during recovery begin"],
  "follow_up.ended": ["休养随访结束", "visits during recovery end"],
  "step.planned": ["安排下一步", "step planned"],
  "step.done": ["步骤完成", "step done"],
  "step.lapsed": ["步骤错过", "step lapsed"],
  "step.skipped": ["步骤取消", "step skipped"],
  "attempt.started": ["发出前登记", "attempt started"],
  "attempt.accepted": ["网关受理", "accepted by the gateway"],
  "attempt.rejected": ["网关未受理", "rejected by the gateway"],
  "attempt.unknown": ["发送结果不明", "result unknown"],
  "attempt.found": ["查明已受理", "found accepted afterwards"],
  "attempt.absent": ["查明未受理", "found not accepted afterwards"],
  "attempt.doubled": ["网关重复受理", "accepted twice by the gateway"],
  "receipt.received": ["收到回执", "receipt received"],
  "reply.received": ["员工回复", "reply of the employee"],
  "reply.confirmed": ["确认回复含义", "meaning of the reply confirmed"],
  "reply.corrected": ["更正回复含义", "meaning of the reply corrected"],
  "page.displayed": ["通知页面已显示", "page displayed"],
  "page.read": ["员工点击“我已阅读并确认收到”", "employee pressed “I have read this”"],
  "page.answered": ["员工在页面上答复", "employee answered on the page"],
  "page.refused": ["身份核对失败", "identity check failed"],
  "task.opened": ["交办人工任务", "task given to a person"],
  "task.done": ["登记任务结果", "outcome of the task"],
  "custody.exported": ["导出证据包", "bundle exported"],
  "custody.handed_over": ["移交证据包", "bundle handed over"],
  "erase.asked": ["申请删除", "erasure asked"],
  "erase.done": ["已删除", "erased"],
  "erase.refused": ["不予删除", "erasure refused"],
  "hold.set": ["设置保全", "hold set"],
  "hold.lifted": ["解除保全", "hold lifted"],
  "transfer.cross_border": ["跨境提供", "cross-border transfer"],
};

const STATES = {
  submitted: ["已提交", "submitted"],
  accepted: ["已受理", "accepted"],
  sent: ["已发送", "sent"],
  delivered: ["已送达", "delivered"],
  displayed: ["已显示", "displayed"],
  read: ["已阅读", "read"],
  replied: ["已回复", "replied"],
  rejected_temp: ["暂未成功", "rejected for now"],
  rejected_perm: ["失败", "rejected"],
  refused: ["拒收", "refused"],
  returned: ["退回", "returned"],
  locker: ["代收或自提柜", "locker or neighbour"],
  unknown: ["不明", "unknown"],
};

const ASSURANCES = {
  C0: ["C0 本方自述", "C0 our own statement"],
  C1: ["C1 共享密钥认证", "C1 authenticated by a shared secret"],
  C2: ["C2 向服务商查明", "C2 confirmed by the provider"],
  C3: ["C3 第三方签名", "C3 signed by a third party"],
  C4: ["C4 本人行为", "C4 an act of the person"],
};

/** Return what a kind, a state or an assurance level is called. */
export function called(name, language) {
  return labels.chosen(KINDS[name] || STATES[name] || ASSURANCES[name] || [name, name], language);
}
