// Every sentence of the page, Chinese and English. The gate sends words for what it alone knows: reasons, lanes' faces.

const WORDS = {
  guard: ['值班员', 'Guard'], supervisor: ['班长', 'Supervisor'], installer: ['安装员', 'Installer'],
  signIn: ['登录', 'Sign in'], account: ['账号', 'Account'], pin: ['PIN 码或密码', 'PIN or password'], signOut: ['退出', 'Sign out'],
  otherLanguage: ['English', '中文'],
  noAccounts: ['还没有账号。安装员请在这台闸机上运行：', 'There is no account yet. Installer: run this on the gate itself:'],
  live: ['通道', 'Lanes'], visitors: ['登记', 'Visitors'], scan: ['扫码', 'Scan'], shift: ['交班', 'Shift'], rounds: ['巡更', 'Rounds'], deliveries: ['快递', 'Parcels'],
  nobodyWaits: ['没有人在等候', 'Nobody is waiting'],
  lanes: ['通道', 'Lanes'], lately: ['刚才', 'Lately'], inside: ['在场 {0} 人', '{0} inside'],
  letPass: ['放行', 'Let pass'], refuse: ['不放行', 'Refuse'], measureAgain: ['请再测一次', 'Measure again'],
  stranger: ['未知人员', 'Unknown person'], seconds: ['{0} 秒', '{0} s'], minutes: ['{0} 分 {1} 秒', '{0} min {1} s'],
  needsSupervisor: ['需班长同意', 'Supervisor needed'],
  whyLetPass: ['为什么放行？', 'Why let pass?'], whyRefuse: ['为什么不放行？', 'Why refuse?'], whyOpen: ['为什么开门？', 'Why open?'],
  'document-checked': ['已核对证件', 'Document checked'], 'known-resident': ['认识的住户', 'Known resident'], 'measured-by-hand': ['人工测温正常', 'Measured by hand'],
  escorted: ['有人陪同', 'Escorted'], emergency: ['紧急情况', 'Emergency'], other: ['其他（请写明）', 'Other (please note)'],
  'not-permitted': ['没有权限', 'Not permitted'], unwell: ['身体不适', 'Unwell'], 'document-doubtful': ['证件可疑', 'Document doubtful'],
  'pram-or-wheelchair': ['婴儿车或轮椅', 'Pram or wheelchair'], delivery: ['送货', 'Delivery'], vehicle: ['车辆', 'Vehicle'],
  note: ['备注', 'Note'], cancel: ['取消', 'Cancel'], done: ['好了', 'Done'], send: ['确定', 'Confirm'],
  supervisorAccount: ['班长账号', "Supervisor's account"], supervisorPin: ['班长 PIN 码', "Supervisor's PIN"],
  openOnce: ['开门一次', 'Open once'], openForWhom: ['为谁开门？', 'Open for whom?'], somebodyElse: ['其他人', 'Somebody else'], mode: ['通道模式', 'Mode'], back: ['返回', 'Back'],
  normal: ['正常', 'Normal'], 'entry-only': ['只进', 'Entry only'], 'exit-only': ['只出', 'Exit only'], closed: ['关闭', 'Closed'], free: ['常开', 'Free'],
  entry: ['进', 'In'], exit: ['出', 'Out'],
  byHours: ['按时间表', "By the lane's hours"],
  correctCount: ['更正在场人数', 'Correct head count'], insideNow: ['现在在场人数', 'People inside now'],
  granted: ['已放行', 'Let pass'], denied: ['未放行', 'Refused'], 'measured-again': ['重新测量', 'Measured again'], left: ['已离开', 'Left'], overtaken: ['后来者已到', 'Overtaken'],
  opened: ['门已打开', 'Opened'], notOpened: ['已记录，但门没有打开：{0}', 'On record, but the portal did not open: {0}'],
  noLink: ['连接中断，画面可能过时', 'No connection: the picture may be old'], kept: ['没有网络，已存在手机上，连上后自动发送', 'No network: kept on the phone, sent when connected'],
  waiting: ['待发送 {0} 条', '{0} to send'], waitingFor: ['另有 {0} 条待发送，需 {1} 登录', '{0} more to send when {1} signs in'], sent: ['已发送 {0} 条', '{0} sent'],
  register: ['登记来人', 'Register'], announce: ['有人要来', 'Announced'], findResident: ['找住户', 'Find a resident'], findHint: ['房号，或姓', 'Unit, or first character of the name'],
  expected: ['预约的访客', 'Expected'], recent: ['最近来访', 'Recent visitors'], arrived: ['到了', 'Arrived'], crossOff: ['取消', 'Cross off'], checkOut: ['签退', 'Check out'],
  comesAgain: ['再次来访', 'Comes again'], isHere: ['本人在此', 'Is here'], nobody: ['没有', 'Nobody'], nobodyFound: ['没有找到', 'Nobody found'], 'unknown-person': ['名册中没有此人', 'Not on any list'],
  visitorAtLane: ['尚未通行', 'Not yet through'], visitorInside: ['还在里面', 'Inside'], visitorLeft: ['已离开', 'Left'], visitorExpected: ['预约', 'Expected'],
  visit: ['探访', 'Visit'], otherPurpose: ['其他', 'Other'], work: ['施工维修', 'Work'], withOthers: ['同行 {0} 人', 'with {0} more'], purpose: ['事由', 'Purpose'],
  idNumber: ['身份证号', 'ID number'], name: ['姓名', 'Name'], visits: ['访问哪家（房号）', 'Whom (unit)'], companions: ['同行人数', 'Companions'],
  whichLane: ['在哪个通道？', 'At which lane?'], atLane: ['已登记，请在 {0} 通行', 'Registered: please pass at {0}'],
  numberLetters: ['只能是数字，最后一位可以是 X', 'Digits only; the last may be X'], numberShort: ['身份证号是 18 位', 'An ID number has 18 characters'],
  numberDate: ['出生日期不对', 'The date of birth cannot be'], numberCheck: ['校验位不对，请再核对', 'The check digit is wrong: compare again'],
  wedgeHint: ['用扫码枪扫描，或点这里输入', 'Scan with the wedge scanner, or touch to type'], handheldLane: ['手持通道', 'Handheld lane'], cameraPicture: ['相机画面', 'Picture of the camera'],
  camera: ['打开相机', 'Use the camera'], stopCamera: ['关闭相机', 'Stop the camera'],
  noCamera: ['此页面不能使用相机（需要 https）', 'No camera here (it needs https)'], noDetector: ['这个浏览器不会识别二维码，闸机上也没有安装识别模块。请用扫码枪，或请安装员安装', 'This browser reads no codes by camera, and the gate has no module for it: use a wedge scanner, or call the installer'],
  moduleFailed: ['识别模块没有加载，请用扫码枪', 'The module that reads codes did not load: use a wedge scanner'], cameraRefused: ['相机没有打开，请允许使用相机', 'The camera did not open: please allow it'],
  noHandheld: ['设置里没有手持通道', 'The settings have no handheld lane'], outboxFull: ['手机上待发送的太多了', 'Too much is waiting to be sent'],
  placeHint: ['扫巡更点的码，或点这里输入编号', 'Scan the code at the place, or touch to type its name'], places: ['巡更点', 'Places'], patrol: ['巡查', 'Patrol'], disinfection: ['消毒', 'Disinfection'],
  whatWasDone: ['做了什么？', 'What was done?'], never: ['从未', 'never'], overdue: ['未做', 'Due'], overdueBy: ['超时 {0}', '{0} late'], dueIn: ['{0}后', 'in {0}'], inMinutes: ['{0} 分钟', '{0} min'], inHours: ['{0} 小时', '{0} h'],
  ofBuilding: ['{0} 号楼', 'Building {0}'], 'unknown-place': ['没有这个巡更点', 'There is no such place'],
  deliveryHere: ['到货登记', 'Parcel is here'], deliveryComes: ['住户预告', 'Household announced'], deliveryAnnounced: ['已预告', 'Announced'], deliveryArrived: ['已到，待消毒', 'Here, to be disinfected'],
  disinfected: ['已消毒', 'Disinfected'], standing: ['静置', 'Standing'], standsFor: ['静置还需 {0}:{1}', 'Stands for {0}:{1}'], ready: ['可以取走', 'Ready'], collect: ['取走', 'Collected'], collected: ['已取走', 'Collected'],
  withdrawn: ['已退回', 'Sent back'], sendBack: ['退回', 'Send back'], slot: ['{0} 号楼 {1} 号格', 'Building {0}, slot {1}'], building: ['楼号', 'Building'], forUnit: ['哪家（房号）', 'For whom (unit)'], courierPhone: ['快递员电话', "Courier's phone"],
  parcel: ['包裹', 'Parcel'], meal: ['外卖', 'Meal'], bulky: ['大件', 'Bulky goods'],
  nothingHere: ['没有快递', 'Nothing is here'], 'no-slot': ['货架已满', 'The shelf is full'], 'not-ready': ['静置时间未到', 'It must stand longer'], 'unknown-delivery': ['没有这件快递', 'There is no such parcel'],
  pass: ['通行证', 'Pass'], passTitle: ['访客通行证', "Visitor's pass"], passFrom: ['{0} 起', 'from {0}'], passUntil: ['{0} 止', 'until {0}'], passNote: ['请将二维码对准扫描窗口。遗失请立即报告。编号 {0}', 'Hold the code to the scanner. Report a lost pass at once. No. {0}'],
  'clock-not-set': ['时钟还没有对准，现在不能做通行证。请用身份证或人工放行，并叫安装员', 'The clock is not set: no pass can be dated now. Let them pass by card or by hand, and call the installer'],
  unreadable: ['{0} 录入的一条已无法读出，请重新录入', 'What was entered at {0} cannot be read any more: enter it again'],
  watched: ['此人在隔离或关注名单上，不能做通行证', 'This person is on a quarantine or watch list: no pass'],
  'no-pass': ['通行证没有做成，请叫安装员', 'The pass could not be made: call the installer'],
  refusedLate: ['有一条没有被接受：{0}', 'One was not taken: {0}'],
  onDuty: ['在岗', 'On duty'], openCases: ['等候处理 {0} 人', '{0} waiting for a guard'], notes: ['交班记录', 'Hand-over notes'], newNote: ['告诉下一班', 'For the next shift'], keepNote: ['写入', 'Keep the note'],
  theDay: ['今日汇总', 'The day'], byHour: ['每小时通行', 'Passages by hour'], print: ['打印', 'Print'],
  guardCases: ['需人工核验', 'Sent to a guard'], fever: ['体温偏高', 'Fever'], letPassByGuards: ['人工放行', 'Let pass by guards'], openedByGuards: ['人工开门', 'Opened by guards'], vouched: ['人工登记', 'Registered by guards'], visitorsInside: ['访客未离开', 'Visitors still inside'],
  // why not
  wrong: ['账号或 PIN 码不对', 'Account or PIN is wrong'], wait: ['试错太多，请等 {0} 秒', 'Too many tries: wait {0} s'],
  'signed-out': ['请重新登录', 'Please sign in again'], 'too-fast': ['请慢一点', 'Not so fast'], 'not-allowed': ['您的角色不能这样做', 'Your role may not do this'],
  'not-from-here': ['请刷新页面再试', 'Please reload the page'], 'bad-form': ['内容不完整', 'Something is missing'], offline: ['没有网络', 'No network'],
  gone: ['这个人已经离开，没有放行', 'The person has gone; nothing was done'], answeredBy: ['{0} 已经处理：{1}', '{0} has answered: {1}'],
  'not-recorded': ['无法记录，什么也没做。请叫安装员', 'It cannot be recorded, so nothing was done. Call the installer'],
  'lane-closed': ['通道已关闭', 'The lane is closed'], 'not-approved': ['班长 PIN 码不对，没有放行', "Supervisor's PIN is wrong; nothing was done"], 'needs-supervisor': ['需要班长同意', 'A supervisor must agree'],
  'not-here': ['这台设备做不到', 'This gate cannot do it'], 'not-kept': ['没能保存，请再试', 'Not kept: try again'], 'others-unheard': ['连不上其他门岗，现在不能改人数，请稍后再试', 'The other gates cannot be heard, so no count can be taken now: try again later'], 'bad-number': ['号码不对，请再核对', 'This number cannot be: compare again'], full: ['连接的手机太多', 'Too many phones are connected'], failed: ['没有成功，请再试', 'That did not work: try again'],
};

const LANGUAGES = ['zh', 'en'];

export const language = { current: read() };

function read() {
  try {
    const kept = localStorage.getItem('language');
    return LANGUAGES.includes(kept) ? kept : navigator.language.startsWith('zh') ? 'zh' : 'en';
  } catch {
    return 'zh'; // storage is switched off
  }
}

export function switchLanguage() {
  language.current = language.current === 'zh' ? 'en' : 'zh';
  try {
    localStorage.setItem('language', language.current);
  } catch { /* storage is switched off: for this visit only */ }
}

/** The sentence in the guard's language, with {0} and {1} filled in. A word that has none is shown as it is. */
export function say(word, ...parts) {
  const sentence = WORDS[word]?.[LANGUAGES.indexOf(language.current)] ?? word;
  return sentence.replace(/\{(\d)\}/g, (_, place) => parts[Number(place)] ?? '');
}

/** What the gate sent in both languages: [the guard's, the other]. */
export function both(words) {
  return language.current === 'zh' ? [words.zh, words.en] : [words.en, words.zh];
}
