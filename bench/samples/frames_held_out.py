"""Frames of other shapes than those beside this file: measured, and never tuned to.

Whoever mends a rule because of a frame here moves it to `frames.py` and writes another.
"""

from __future__ import annotations

from typing import Final

ENGLISH: Final = (
    "RESUME\n{person}\n{street} | {city} | {phone} | {email}\n\nEXPERIENCE\n2018-2023 Senior Analyst, {company}\n2014-2018 Analyst, {company}\n\nREFERENCES\n{person}, {phone}",
    "IN WITNESS WHEREOF the parties have executed this Agreement. Tenant: {person}, currently residing at {street}, {city} {postcode}. Landlord: {person}.",
    "{person}, beloved wife of {first} and mother of {first} and {first}, passed away peacefully at home in {city}. She was born {birth}.",
    "★★☆☆☆ Terrible stay! The manager, {person}, refused to refund us. We wrote to {email} three times. Avoid room {number}.",
    "Hey, it's {first} from {company}. I tried your cell ({phone}) but no luck, can you ring me back before five? Ta",
    "Voicemail from {phone}: 'Hello, my name is {person}, I'm calling about the claim for my husband {first}. My member number is {member_id}.'",
    "Minutes of the board, 4 June. Present: {person} (chair), {person}, {person}. Apologies: {person}. The chair welcomed {first} to her first meeting in {city}.",
    "RE: Visa appointment\nApplicant {upper}, passport no. {passport}, nationality Kenyan, date of birth {birth}. Interview at 09:40, window {number}.",
    "Nurse handover: bed 12 {last}, 67M, post-op day two, MRN {mrn}; bed 14 {last}, DOB {birth}, awaiting transfer to {city}.",
    "Hi team, please remove {email} and add {email}; {first} has left and {first} takes over her accounts from Monday.",
    "I was billed twice on card {card}. The second charge of ${amount} is not mine. {person}, {city}.",
    "The defendant, {person}, of {street}, {city}, appeared before Judge {last} on {date}.",
    "Delivery attempted at {street}, {city}, {postcode}. Nobody was home. We left it with your neighbour, Mrs {last}.",
    "Landlord wants the deposit in account {account} at First Midland. I told {first} we'd pay on Friday.",
    "{first}: did {first} send you the file?\n{first}: not yet, try {email}\n{first}: ok thx, my new number is {phone} btw",
    "Tenant screening for {person}: SSN {ssn}, DOB {birth}, prior address {street}, {city}. Score pending.",
    "Found a wallet near the station with a licence {licence} in the name of {person}. Call {phone}.",
    "@{username} thanks for the follow! DM me or mail {email}",
    "The shipment of 400 units (SKU {sku}) leaves on {date}; invoice {number} for ${amount} is attached.",
    "Our Q3 numbers: revenue up 12%, churn at 3.1%, 4,812 tickets closed, build {number} shipped.",
    "Interview notes, candidate {first} {last}: strong on SQL; lives in {city}, could move to {city}; reach her at {email} or {phone}.",
    "Emergency contact for {person}: her brother {person}, {phone}.",
)

NAMES: Final = (
    "{person} grew up in {city} and moved to {city} at the age of nine, where his father {first} kept a shop.",
    "The novel, translated by {person}, follows two sisters from {city} to the coast.",
    "Nobody in {city} had heard of {last} before the trial; by spring everyone had.",
    "just saw {person} at the airport in {city} omg he is so tall",
    "rt if you think {person} should have won, {last} was robbed",
    "Goals from {last} and {last} put the visitors ahead before {last} pulled one back.",
    "Professor {last} of the university of {city} disagrees, and so does her student {person}.",
    "In {city}, {person} told reporters that {last} would not stand again.",
    "We flew from {city} to {city} with a stop in {city}; {first} slept all the way.",
    "{last} scored 31 points, {last} added 22, and the team beat its rivals in overtime.",
    "my cousin {first} is getting married in {city} next summer and {first} is best man",
    "The painter {person} was a pupil of {person}, whose workshop in {city} burned down in 1702.",
    "Senator {last} and Governor {last} met in {city} on Tuesday.",
    "Chef {person} opens a second place in {city}, two years after the first.",
    "so {first} texted {first} who told {first} and now everybody knows lol",
    "The bridge at {city} was designed by {last} and opened by Queen {first}.",
)

PAYLOADS: Final = (
    '{{"data":{{"viewer":{{"login":"{username}","email":"{email}","lastIp":"{ipv4}"}},"orders":[{{"id":"{uuid}","total":{amount},"shipTo":{{"recipient":"{person}","street":"{street}","city":"{city}"}}}}]}}}}',
    "<14>1 {stamp} gw01 sshd 2211 - - Failed password for {username} from {ipv4} port {number} ssh2",
    "employee_no|surname|forename|start_date|ni_number|bank_iban\n{number}|{last}|{first}|{date}|{ssn}|{iban}\n{number}|{last}|{first}|{date}|{ssn}|{iban}",
    '{{"transcript":[{{"speaker":"agent","text":"Could you spell your name?"}},{{"speaker":"caller","text":"Sure, {person}, and my email is {email}"}}],"callId":"{uuid}"}}',
    '<soap:Envelope><soap:Body><GetPolicy><Holder><Forename>{first}</Forename><Surname>{last}</Surname></Holder><PolicyNo>{number}</PolicyNo><Contact tel="{phone}" mail="{email}"/></GetPolicy></soap:Body></soap:Envelope>',
    "ship_to:\n  recipient: {person}\n  line1: {street}\n  town: {city}\n  zip: '{postcode}'\nbilling:\n  card_no: '{card}'\n  amount: {amount}\n",
    'time="{stamp}" level=error msg="payment declined" card={card} holder="{person}" order={number}',
    '{{"cart":{{"items":[{{"sku":"{sku}","qty":2,"unit":{amount}}}],"coupon":"SPRING{number}"}},"buyer":{{"mail":"{email}"}}}}',
    '{{"metrics":{{"p50":12,"p99":{number},"node":"{hex}"}},"version":"3.11.4","deployedAt":"{stamp}"}}',
    "UPDATE accounts SET owner_email='{email}', owner_name='{person}' WHERE account_no='{account}';",
    '{{"schema":{{"fields":[{{"name":"full_name"}},{{"name":"phone_no"}},{{"name":"sku"}}]}},"rows":[{{"f":[{{"v":"{person}"}},{{"v":"{phone}"}},{{"v":"{sku}"}}]}}]}}',
    'passenger {{ given_name: "{first}" surname: "{last}" passport: "{passport}" seat: "14C" }} flight: "LH {number}" booked_at: "{stamp}"',
    "| Guest | Room | Mobile | Checkout |\n|---|---|---|---|\n| {person} | {number} | {phone} | {date} |\n| {person} | {number} | {phone} | {date} |\n",
    '{{"@timestamp":"{stamp}","user":{{"name":"{username}","email":"{email}"}},"source":{{"ip":"{ipv4}","geo":{{"city_name":"{city}"}}}},"event":{{"action":"login","outcome":"failure"}}}}',
    '{{"Item":{{"Pk":{{"S":"ORDER#{number}"}},"FullName":{{"S":"{person}"}},"Mobile":{{"S":"{phone}"}},"Town":{{"S":"{city}"}},"Paid":{{"BOOL":true}}}}}}',
    "<employee><empId>{number}</empId><legalName><first>{first}</first><last>{last}</last></legalName><homeAddress><addrLine>{street}</addrLine><town>{city}</town></homeAddress><directDeposit><acctNo>{account}</acctNo></directDeposit></employee>",
)

SECRETS: Final = (
    'provider "aws" {{\n  access_key = "{aws_id}"\n  secret_key = "{aws_secret}"\n  region     = "eu-west-1"\n}}\n',
    "svn checkout --username {username} --password {url_password} https://svn.example.com/trunk\n",
    "services:\n  db:\n    environment:\n      - POSTGRES_PASSWORD={password}\n      - POSTGRES_USER={username}\n",
    "fetch(url, {{ headers: {{ authorization: 'Bearer {jwt}' }} }})\n",
    '[client]\nuser={username}\npassword="{password}"\nhost=10.1.2.3\n',
    "VPN for the week: {username}, pass {word_password} (expires Friday)",
    '<add key="ApiSecret" value="{opaque}" />\n<add key="Retries" value="3" />\n',
    "-H 'X-Auth-Token: {hex_secret}' -d @body.json\n",
    "sk = stripe.api_key = '{stripe}'  # TODO move to vault\n",
    '{{"auths":{{"ghcr.io":{{"username":"{username}","password":"{github}"}}}}}}',
    "Wifi at the cabin: network LakeHouse, password {word_password}. See you {first}!",
    "{private_key}\nssh-rsa AAAAB3NzaC1yc2E= build@ci\n",
    "ENCRYPTION_KEY={hex_secret}\nLOG_LEVEL=debug\nRELEASE={hex}\n",
    "pipeline {number} failed: checksum {hex} does not match {hex}\n",
    "def login(user, password):\n    return check(user, hash(password))\n",
    "mongodb+srv://app:{url_password}@cluster0.example.net/shop?retryWrites=true\n",
)

OTHER_LANGUAGES: Final = {
    "de": (
        "Hallo {first}, kannst du bitte {person} zurückrufen? Sie ist unter {phone} erreichbar. LG {first}",
        "Mietvertrag zwischen {person}, {street}, {postcode} {city} (Vermieter) und {person}, geboren am {birth} (Mieter).",
        "Der Zeuge {last} gab an, er habe {last} zuletzt in {city} gesehen.",
    ),
    "fr": (
        "Salut {first}, tu peux rappeler {person} au {phone} ? Elle habite à {city} maintenant. Bises, {first}",
        "Bail entre {person}, demeurant {street}, {postcode} {city}, et {person}, née le {birth}.",
        "Le témoin {last} a déclaré avoir vu {person} pour la dernière fois à {city}.",
    ),
    "es": (
        "Hola, ¿puedes llamar a {person} al {phone}? Ahora vive en {city}. Un abrazo, {first}",
        "Contrato entre {person}, con domicilio en {street}, {postcode} {city}, y {person}, nacida el {birth}.",
        "El testigo {last} dijo que vio a {person} por última vez en {city}.",
    ),
    "it": (
        "Ciao {first}, puoi richiamare {person} al {phone}? Adesso abita a {city}. Un abbraccio, {first}",
        "Contratto tra {person}, residente in {street}, {postcode} {city}, e {person}, nata il {birth}.",
        "Il testimone {last} ha visto {person} per l'ultima volta a {city}.",
    ),
    "nl": (
        "Hoi {first}, kun je {person} terugbellen op {phone}? Ze woont nu in {city}. Groetjes, {first}",
        "Huurovereenkomst tussen {person}, wonende te {street}, {postcode} {city}, en {person}, geboren op {birth}.",
        "Volgens getuige {last} was {person} voor het laatst in {city}.",
    ),
    "pt": (
        "Oi {first}, você pode ligar para {person} no {phone}? Agora ela mora em {city}. Abraço, {first}",
        "Contrato entre {person}, residente em {street}, {postcode} {city}, e {person}, nascida em {birth}.",
        "A testemunha {last} disse que viu {person} pela última vez em {city}.",
    ),
    "pl": (
        "Cześć {first}, możesz oddzwonić do {person} pod {phone}? Mieszka teraz w {city}. Pozdrawiam, {first}",
        "Umowa między {person}, zamieszkałą {street}, {postcode} {city}, a {person}, ur. {birth}.",
        "Świadek {last} zeznał, że ostatni raz widział {person} w {city}.",
    ),
}  # fmt: skip

PROSE: Final = (
    "{world} is the third studio album's producer; recorded in {town} and mixed by {world}, it reached number four in {city}.",
    "The parish of {town} includes the hamlets of {town} and {town}. Its church was restored by {world} in 1874.",
    "{world_last} and {world_last} were elected mayors of {town} and {town}, ahead of {world}.",
    '"I told {world_first} to wait," {world_last} recalled in an interview with {world}, recorded at her home in {town}.',
    "Striker {world_last} limped off; manager {world_last} brought on {world_last}, who joined from {town} in January.",
    "Pt w/ hx of COPD. Pharmacist {world_first} reconciled Eliquis, Lantus and Keppra. Niece {world} drives him in from {town}. Nurse {world_last} to call.",
    "Safeguarding: {world_first} (7) told her teacher, Miss {world_last}, that {world_first} shouts. Grandmother {world} lives in {town} and can help.",
    "Leaver checklist for {world}: badge returned to {world_first}; laptop collected by {world_first} in {town}; references via {world}.",
    "anyone seen {lower_first}? told {lower_first} id meet her at the gym in {lower_town}",
    "Customer {world} rang from {town}; {world_first} in dispatch promised a call from {world_first} before noon.",
    "The appeal of {world} against the order of Judge {world_last} is dismissed. Counsel: {world} for the appellant.",
    "Upgrade Spark to 3.5, move Airflow to Kubernetes, and let Prometheus scrape Envoy; Sentry is noisy, Splunk is slow.",
    "Gillette, Adidas and Puma sponsor the tour. A Toyota Corolla and a Nissan Qashqai are the prizes; Hermes delivers.",
    "Dear {world_first} and {world_first}, greetings from {town}! {world_first} learned to ski, and granny {world_first} sends love.",
    "BREAKING: fire in {town}, two injured. Follow {world} for updates, pics by {world_first} {world_last}",
)

LETTERS: Final = {
    "de": (
        "{person}, {street}, {postcode} {city}\n\nAn die Verwaltung der Liegenschaft\n\nKündigung der Wohnung\n\nSehr geehrter Herr {last}\n\nHiermit kündigen meine Partnerin {person} und ich den Vertrag. AHV {ahv}.\n\nMit besten Grüssen\n{person}",
        "Pflegebericht: Herr {last} isst wenig. Tochter {first} informiert, Schwiegersohn {first} bringt Kleidung aus {city}.",
        "Kollegin {last} vertritt {first} bis Freitag; Abteilungsleiter {last} ist in {city}.",
        "Laut Staatsanwalt {last} kannte das Opfer, {person} aus {city}, den Täter.",
    ),
    "fr": (
        "{person}, {street}, {postcode} {city}\n\nRésiliation du bail\n\nMonsieur {last},\n\nMa compagne {person} et moi résilions le bail. N° AVS {ahv}.\n\nMeilleures salutations\n{person}",
        "Monsieur {last} mange peu. Sa fille {first} est prévenue, son gendre {first} apporte des habits de {city}.",
        "La collègue {last} remplace {first} jusqu'à vendredi; le chef {last} est à {city}.",
        "Selon le procureur {last}, la victime, {person}, connaissait {last}.",
    ),
    "es": (
        "{person} y su marido {person} alquilan el piso de {city} a la señora {last}.",
        "El señor {last} come poco. Avisada su hija {first}; su yerno {first} trae ropa de {city}.",
        "La compañera {last} sustituye a {first} hasta el viernes; el jefe {last} está en {city}.",
        "Según el fiscal {last}, la víctima, {person} {last}, conocía a {last}.",
    ),
    "it": (
        "{person} e suo marito {person} affittano l'appartamento di {city} alla signora {last}.",
        "Il signor {last} mangia poco. Avvisata la figlia {first}; il genero {first} porta vestiti da {city}.",
        "La collega {last} sostituisce {first} fino a venerdì; il capo {last} è a {city}.",
        "Secondo il procuratore {last}, la vittima, {person}, conosceva {last}.",
    ),
    "nl": (
        "{person} en haar man {person} huren de woning in {city} van mevrouw {last}.",
        "Meneer {last} eet weinig. Dochter {first} is gebeld, schoonzoon {first} brengt kleding uit {city}.",
        "Collega {last} vervangt {first} tot vrijdag; chef {last} is in {city}.",
        "Volgens officier {last} kende het slachtoffer, {person}, {last}.",
    ),
    "pt": (
        "{person} e o marido {person} arrendam a casa de {city} à senhora {last}.",
        "O senhor {last} come pouco. Avisada a filha {first}; o genro {first} traz roupa de {city}.",
        "A colega {last} substitui {first} até sexta; o chefe {last} está em {city}.",
        "Segundo o procurador {last}, a vítima, {person} {last}, conhecia {last}.",
    ),
    "pl": (
        "{person} z mężem wynajmują mieszkanie w {town_in} od pani {last}.",
        "Pan {last} mało je. Córka {first} powiadomiona, zięć {first} przywiezie ubrania z {town_of}.",
        "Koleżanka {last} zastępuje {person_of} do piątku; kierownik {last} jest w {town_in}.",
        "Według prokuratora pokrzywdzona, {person}, mieszkała do maja pod adresem w {town_in}.",
    ),
}  # fmt: skip
